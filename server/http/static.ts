import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

interface StaticFile {
  path: string;
  etag: string;
  cacheControl: string;
  /** Compressed neighbours made by the build, best first. */
  encodings: ("br" | "gzip")[];
}

const suffix = { br: ".br", gzip: ".gz" } as const;

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
      etag: `"${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}"`,
      cacheControl: address.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
      encodings: (["br", "gzip"] as const).filter((encoding) => existsSync(path + suffix[encoding])),
    });
  }
}

function answer(request: Request, file: StaticFile): Response {
  const headers = new Headers({ ETag: file.etag, "Cache-Control": file.cacheControl });
  if (file.encodings.length > 0) headers.set("Vary", "Accept-Encoding");
  if (request.headers.get("if-none-match") === file.etag) return new Response(null, { status: 304, headers });
  const accepted = request.headers.get("accept-encoding") ?? "";
  const encoding = file.encodings.find((one) => accepted.includes(one));
  if (encoding) {
    headers.set("Content-Encoding", encoding);
    headers.set("Content-Type", Bun.file(file.path).type);
  }
  return new Response(Bun.file(encoding ? file.path + suffix[encoding] : file.path), { headers });
}
