import { expect, test } from "bun:test";
import { isOurs } from "./page.server.ts";

test("a form may send people back only to this site", () => {
  expect(["/tasks", "/tasks?search=a%20b#T-1", "/workflows/W-7"].every(isOurs)).toBe(true);
  const foreign = ["", "//evil", "/\\evil", "https://evil", "javascript:alert(1)", "/a\nb", "/\t/evil", "/a\\b"];
  expect(foreign.some(isOurs)).toBe(false);
});
