import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export interface InstalledPackage {
  /** With its version: two versions of one package may be licensed differently. */
  name: string;
  licence: string;
}

export const notStated = "none stated";

const named = z.object({ type: z.string() });
const manifest = z.object({
  name: z.string(),
  version: z.string(),
  // Old packages say { type } or a list of them, from which one may choose.
  license: z
    .union([z.string(), named, z.array(named)])
    .optional()
    .catch(undefined),
  licenses: z
    .union([named, z.array(named)])
    .optional()
    .catch(undefined),
});

/** The folders of all installed packages, nested ones too. */
export async function packageFolders(nodeModules: string): Promise<string[]> {
  const entries = await readdir(nodeModules, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith("."));
  const lists = await Promise.all(
    folders.map(async ({ name }): Promise<string[]> => {
      const path = join(nodeModules, name);
      if (name.startsWith("@")) return packageFolders(path);
      return [path, ...(await packageFolders(join(path, "node_modules")))];
    }),
  );
  return lists.flat();
}

/** The package in a folder with the licence that it states; undefined where there is no manifest. */
export async function readPackage(folder: string): Promise<InstalledPackage | undefined> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  const { success, data } = manifest.safeParse(text && JSON.parse(text));
  if (!success) return undefined;
  return { name: `${data.name}@${data.version}`, licence: licenceOf(data.license ?? data.licenses) };
}

function licenceOf(stated: z.output<typeof manifest>["license"] | z.output<typeof manifest>["licenses"]): string {
  if (stated === undefined) return notStated;
  if (typeof stated === "string") return stated.trim() || notStated;
  const types = Array.isArray(stated) ? stated.map(({ type }) => type) : [stated.type];
  return types.join(" OR ") || notStated;
}
