import { fileURLToPath } from "node:url";
import type { ServerBuild } from "@remix-run/server-runtime";

/** Where the pages come from: the build, or Vite while they are edited. */
export interface Pages {
  build: ServerBuild | (() => Promise<ServerBuild>);
  isDev: boolean;
  /** Folders whose files are served as they are. */
  folders: string[];
  /** Answers what Vite serves: modules and assets of app/. */
  vite?(request: Request, url: URL): Promise<Response> | undefined;
  close?(): Promise<void>;
}

export const rootFile = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The pages as `bun run build` left them. */
export async function builtPages(): Promise<Pages> {
  const file = rootFile("build/server/index.js");
  if (!(await Bun.file(file).exists())) throw new NotBuilt();
  return { build: await import(file), isDev: false, folders: [rootFile("build/client")] };
}

export class NotBuilt extends Error {
  constructor() {
    super("The pages are not built. Run `bun run build` first, or `bun run dev` to see them as you edit.");
  }
}
