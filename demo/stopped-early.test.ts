import { expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../tests/support/server.ts";
import { until } from "../tests/support/until.ts";

test("a demo whose terminal closes while the server starts leaves nothing behind", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "wf-demo-"));
  const { PATH = "", HOME = "" } = process.env;
  const demo = Bun.spawn([process.execPath, "scripts/demo.ts"], {
    env: { PATH, HOME, DATA_DIR: dataDir, PORT: String(freePort()) },
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const allPrinted = (async () => {
    for await (const chunk of demo.stdout) printed += new TextDecoder().decode(chunk);
  })();
  // The seed is through, so whoever holds the data now is the server.
  const holder = join(dataDir, "pid");
  const pid = () => existsSync(holder) && Number(readFileSync(holder, "utf8"));
  const server = await until(
    "the server opens the database",
    () => printed.includes("Loaded the sample") && pid(),
    120,
  );
  demo.kill("SIGHUP");
  expect(await demo.exited).toBe(0);
  await allPrinted;
  expect(printed).toEndWith("Stopping …\n");
  expect(() => process.kill(server, 0)).toThrow("ESRCH");
  rmSync(dataDir, { recursive: true });
}, 150_000);
