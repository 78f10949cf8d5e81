/** The last part of the build: every file of the pages that gets smaller gets a .br and a .gz beside it. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const folder = "build/client";
const compressors = { ".br": promisify(brotliCompress), ".gz": promisify(gzip) };
const text = /\.(js|css|svg|txt|json|map|webmanifest)$/;

const files = await readdir(folder, { recursive: true });
await Promise.all(files.filter((name) => text.test(name)).map((name) => precompress(join(folder, name))));

async function precompress(path: string): Promise<void> {
  const content = await Bun.file(path).bytes();
  for (const [suffix, compress] of Object.entries(compressors)) {
    const compressed = await compress(content);
    if (compressed.byteLength < content.byteLength) await Bun.write(path + suffix, compressed);
  }
}
