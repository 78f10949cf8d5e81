import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { bestEncoding } from "./accept-encoding.ts";
import { staticFiles } from "./static.ts";

const script = "export const words = 'the same words again and again';\n".repeat(50);
const folder = mkdtempSync(join(tmpdir(), "wf-static-"));
let server: Bun.Server<undefined>;

beforeAll(async () => {
  mkdirSync(join(folder, "assets"));
  await Bun.write(join(folder, "assets/page.js"), script);
  await Bun.write(join(folder, "assets/page.js.br"), brotliCompressSync(script));
  await Bun.write(join(folder, "assets/page.js.gz"), gzipSync(script));
  await Bun.write(join(folder, "plain.txt"), "as it is");
  const files = staticFiles([folder]);
  server = Bun.serve({
    port: 0,
    fetch: (request) => files(request, new URL(request.url).pathname) ?? new Response("none", { status: 404 }),
  });
});
afterAll(async () => {
  await server.stop(true);
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string>, method = "GET") =>
  fetch(new URL(path, server.url), { method, headers, decompress: false });
const decoders = { br: brotliDecompressSync, gzip: gunzipSync, identity: (bytes: Uint8Array) => Buffer.from(bytes) };

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate", "gzip"],
  ["br;q=0.5, gzip;q=0.8", "gzip"],
  ["br;q=0, *", "gzip"],
  ["zstd", "identity"],
  ["identity, br;q=0.2", "identity"],
  ["br;q=nonsense", "identity"],
  ["", "identity"],
] as const)("to a client that takes %p goes %s, and it decodes to the file", async (accepted, encoding) => {
  const response = await get("/assets/page.js", { "accept-encoding": accepted });
  expect(response.headers.get("content-encoding") ?? "identity").toBe(encoding);
  expect(response.headers.get("content-type")).toContain("text/javascript");
  expect(response.headers.get("vary")).toBe("Accept-Encoding");
  expect(response.headers.get("cache-control")).toContain("immutable");
  expect(decoders[encoding](await response.bytes()).toString()).toBe(script);
});

test("each encoding has a tag of its own, by which nothing is sent twice", async () => {
  const tags = new Set<string>();
  for (const accepted of ["br", "gzip", "identity"]) {
    const tag = (await get("/assets/page.js", { "accept-encoding": accepted })).headers.get("etag") ?? "";
    tags.add(tag);
    for (const known of [tag, `"older", W/${tag}`]) {
      const again = await get("/assets/page.js", { "accept-encoding": accepted, "if-none-match": known });
      expect([again.status, await again.text()]).toEqual([304, ""]);
    }
  }
  expect(tags.size).toBe(3);
});

test("HEAD says what GET would send", async () => {
  const headers = { "accept-encoding": "br" };
  const [head, full] = await Promise.all([get("/assets/page.js", headers, "HEAD"), get("/assets/page.js", headers)]);
  for (const name of ["content-length", "content-encoding", "content-type", "etag", "vary"]) {
    expect(head.headers.get(name)).toBe(full.headers.get(name));
  }
  expect(await head.text()).toBe("");
});

test("a part of a file is a part of the file itself", async () => {
  const response = await get("/assets/page.js", { "accept-encoding": "br", range: "bytes=7-11" });
  expect([response.status, await response.text()]).toEqual([206, "const"]);
  expect(response.headers.get("content-encoding")).toBeNull();
});

test("what has no compressed neighbour is sent as it is, and what is not there is not made up", async () => {
  const response = await get("/plain.txt", { "accept-encoding": "br" });
  expect([await response.text(), response.headers.get("vary")]).toEqual(["as it is", null]);
  expect((await get("/assets/../../etc/passwd", {})).status).toBe(404);
});

test("of encodings that are liked alike the first that is offered is taken", () => {
  expect(bestEncoding("gzip, br", ["br", "gzip"])).toBe("br");
  expect(bestEncoding("*", ["br", "gzip"])).toBe("br");
  expect(bestEncoding(null, ["br", "gzip"])).toBeUndefined();
});
