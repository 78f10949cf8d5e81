import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { bestEncoding } from "./accept-encoding.ts";

type Encoding = "br" | "gzip";

interface StaticFile {
  path: string;
  /** What its size and age say about its content; each encoding adds its name. */
  version: string;
  cacheControl: string;
  /** Compressed neighbours made by the build, best first. */
  encodings: Encoding[];
}

const suffix: Record<Encoding, string> = { br: ".br", gzip: ".gz" };

/**
 * Serves the files that were in the folders at start, and nothing else: an address is looked up, never made into a
 * path. Built assets have their content's hash in the name and may be kept for ever.
 */
export function staticFiles(folders: string[]): (request: Request, pathname: string) => Response | undefined {
  const files = new Map<string, StaticFile>();
  for (const folder of folders) if (existsSync(folder)) addFolder(files, folder);

  return (request, pathname) => {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const file = files.get(pathname);
    return file && answer(request, file);
  };
}

function addFolder(files: Map<string, StaticFile>, folder: string): void {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const address = path.slice(folder.length).replaceAll("\\", "/");
    if (address.startsWith("/.")) continue;
    const { size, mtimeMs } = statSync(path);
    files.set(address, {
      path,
      version: `${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}`,
      cacheControl: address.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      encodings: (["br", "gzip"] as const).filter((encoding) => existsSync(path + suffix[encoding])),
    });
  }
}

function answer(request: Request, file: StaticFile): Response {
  // A part is asked for by its place in the file itself.
  const encoding = request.headers.has("range")
    ? undefined
    : bestEncoding(request.headers.get("accept-encoding"), file.encodings);
  const etag = encoding ? `"${file.version}-${encoding}"` : `"${file.version}"`;
  const headers = new Headers({ ETag: etag, "Cache-Control": file.cacheControl });
  if (file.encodings.length > 0) headers.set("Vary", "Accept-Encoding");
  if (isKnown(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  if (!encoding) return new Response(Bun.file(file.path), { headers });
  headers.set("Content-Encoding", encoding);
  headers.set("Content-Type", Bun.file(file.path).type);
  return new Response(Bun.file(file.path + suffix[encoding]), { headers });
}

/** A proxy that compresses marks the tag as weak; it still names the same content. */
const isKnown = (ifNoneMatch: string | null, etag: string) =>
  ifNoneMatch?.split(",").some((one) => one.trim().replace(/^W\//, "") === etag) ?? false;
