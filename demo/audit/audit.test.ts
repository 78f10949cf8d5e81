import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LineCounter, linesOf } from "./count-lines.ts";
import { leadsSomewhere, relativeLinks } from "./links.ts";
import { listFiles } from "./list-files.ts";
import { findMarks } from "./marks.ts";
import { notStated, packageFolders, readPackage } from "./packages.ts";
import { isAllowed } from "./spdx.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "wf-audit-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | Uint8Array = "") {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("without git, files are found by walking; what is installed or made is left out", async () => {
  put("a.ts", "one\ntwo\n");
  put("docs/b.md", "three");
  put("node_modules/x/index.js", "not ours");
  put("build/out.js", "made");
  expect(await listFiles(root)).toEqual({ kind: "files", source: "walk", files: ["a.ts", "docs/b.md"], bytes: 13 });
});

test("one folder of the checkout can be listed, with paths from the checkout; nothing outside of it", async () => {
  put("part/docs/b.md", "three");
  put("part/a.ts", "one");
  const checkout = join(root, "part");
  symlinkSync(tmpdir(), join(checkout, "away"));
  expect((await listFiles(checkout, "docs")).files).toEqual(["docs/b.md"]);
  for (const folder of ["..", "/", "away"]) {
    await expect(listFiles(checkout, folder)).rejects.toThrow("outside of this checkout");
  }
  await expect(listFiles(checkout, "gone")).rejects.toThrow("no folder gone");
});

test.skipIf(!Bun.which("git"))("with git, the tracked files that are there are the files", async () => {
  put("repo/kept.ts", "1");
  put("repo/ignored.ts", "2");
  put("repo/deleted.ts", "3");
  const repo = join(root, "repo");
  await Bun.$`git init -q && git add kept.ts deleted.ts && rm deleted.ts`.cwd(repo);
  expect(await listFiles(repo)).toEqual({ kind: "files", source: "git", files: ["kept.ts"], bytes: 1 });
});

test("lines are counted by language, and binary files not at all", async () => {
  put("lines/a.ts", "1\n2\n3");
  put("lines/b.ts", "1\n");
  put("lines/c.png", new Uint8Array([137, 0, 10, 10]));
  const counter = new LineCounter();
  for (const path of ["lines/a.ts", "lines/b.ts", "lines/c.png", "lines/gone.ts"]) await counter.add(root, path);
  expect(counter.result().languages).toEqual([{ language: "TypeScript", files: 2, lines: 4 }]);
  expect([linesOf(""), linesOf("\n"), linesOf("a"), linesOf("a\n\n")]).toEqual([0, 1, 1, 2]);
});

test("a licence expression is met when the allowed licences suffice for it", () => {
  const allowed = ["MIT", "Apache-2.0"];
  const met = ["MIT", "mit", "(MIT)", "GPL-3.0 OR MIT", "MIT AND Apache-2.0", "(GPL-3.0 OR MIT) AND Apache-2.0"];
  const unmet = [
    "GPL-3.0",
    "MIT AND GPL-3.0",
    "Apache-2.0 WITH LLVM-exception",
    "",
    notStated,
    "(MIT",
    "MIT MIT",
    "OR",
  ];
  expect(met.filter((expression) => !isAllowed(expression, allowed))).toEqual([]);
  expect(unmet.filter((expression) => isAllowed(expression, allowed))).toEqual([]);
});

test("packages are found with their scopes and nested, each with the licence that it states", async () => {
  const put2 = (folder: string, manifest: object) => put(`pk/${folder}/package.json`, JSON.stringify(manifest));
  put2("a", { name: "a", version: "1.0.0", license: "MIT" });
  put2("@s/b", { name: "@s/b", version: "2.0.0", licenses: [{ type: "MIT" }, { type: "GPL-2.0" }] });
  put2("a/node_modules/c", { name: "c", version: "3.0.0", license: { type: "ISC" } });
  put2("d", { name: "d", version: "4.0.0" });
  put("pk/.bin/tool");
  const folders = await packageFolders(join(root, "pk"));
  const packages = (await Promise.all(folders.map(readPackage))).toSorted((x, y) =>
    `${x?.name}`.localeCompare(`${y?.name}`),
  );
  expect(packages).toEqual([
    { name: "@s/b@2.0.0", licence: "MIT OR GPL-2.0" },
    { name: "a@1.0.0", licence: "MIT" },
    { name: "c@3.0.0", licence: "ISC" },
    { name: "d@4.0.0", licence: notStated },
  ]);
});

test("marks are comments that begin with one of the words", () => {
  // Put together here, so that the audit of this checkout does not find its own test.
  const word = "TO" + "DO";
  const text = `const a = 1; // ${word}: finish\nconst b = "${word} list";\n<!-- ${word} later -->\n# A ${word}`;
  expect(findMarks(text)).toEqual([
    { line: 1, text: `${word}: finish` },
    { line: 3, text: `${word} later -->` },
  ]);
});

test("relative links are found outside code, and lead somewhere or not", () => {
  put("links/here.md");
  put("links/with space.md");
  const markdown = [
    "[a](here.md) ![b](gone.png) [c](https://example.org) [d](#part) `[e](code.md)`",
    "```",
    "[f](fenced.md)",
    "```",
    '[g](<here.md> "title") [h](with%20space.md#part)',
    "[i]: /links/here.md",
  ].join("\n");
  const links = relativeLinks(markdown);
  expect(links.map(({ line, target }) => `${line} ${target}`)).toEqual([
    "1 here.md",
    "1 gone.png",
    "5 here.md",
    "5 with%20space.md#part",
    "6 /links/here.md",
  ]);
  const broken = links.filter(({ target }) => !leadsSomewhere(root, "links/page.md", target));
  expect(broken.map(({ target }) => target)).toEqual(["gone.png"]);
  expect(leadsSomewhere(root, "links/page.md", "../../../etc/passwd")).toBe(false);
});
