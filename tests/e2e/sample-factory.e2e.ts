import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base } from "@playwright/test";
import { freePort } from "../support/server.ts";
import { until } from "../support/until.ts";
import { column, expect, signInAt, watchForErrors } from "./fixtures.ts";

base(
  "the sample factory: agents work, a person approves, the report appears, the audit log says who",
  async ({ browser }) => {
    base.setTimeout(240_000);
    const demo = startDemo();
    const context = await browser.newContext();
    const errors = watchForErrors(context);
    try {
      const person = await demo.isReady();
      const page = await context.newPage();
      await signInAt(page, demo.url, person);
      await expect(page.getByRole("link", { name: /Audit this repository/ }).first()).toBeVisible();

      await page.goto(`${demo.url}/suggestions`);
      const heading = page.getByRole("heading", { name: /licences/i }).first();
      await expect(heading).toBeVisible({ timeout: 90_000 });
      await page.getByLabel("Note to the agent").first().fill("Fine for build tools");
      await page
        .getByRole("button", { name: /^Approve/ })
        .first()
        .click();
      await expect(page.getByText(/approved/i).first()).toBeVisible();

      await page.goto(`${demo.url}/tasks`);
      const report = column(page, "Completed").getByRole("article", { name: "Write the report" });
      await expect(report).toBeVisible({ timeout: 60_000 });
      await report.getByRole("link", { name: "Write the report" }).click();
      const artifact = page.getByRole("link", { name: /audit-report\.md/ }).first();
      await expect(artifact).toBeVisible();
      const address = await artifact.getAttribute("href");
      const text = await (await context.request.get(new URL(address ?? "", demo.url).href)).text();
      expect(text).toContain("# Audit of this repository");
      expect(text).toContain("Fine for build tools");
      const listed = Number(/^(\d+) files/m.exec(text)?.[1]);
      expect(listed).toBe(await trackedFiles());

      await page.goto(`${demo.url}/audit`);
      await expect(page.getByText(/Licence clerk/).first()).toBeVisible();
      await expect(page.getByText(/approved/i).first()).toBeVisible();
      expect(errors).toEqual([]);
    } finally {
      await context.close();
      expect(await demo.stop()).toBe(0);
    }
  },
);

/** `bun run demo` as a user starts it, on a port and a data folder of its own. */
function startDemo() {
  const dataDir = mkdtempSync(join(tmpdir(), "wf-demo-"));
  const port = freePort();
  const { PATH = "", HOME = "" } = process.env;
  const child = Bun.spawn([process.execPath, "scripts/demo.ts"], {
    env: { PATH, HOME, DATA_DIR: dataDir, PORT: String(port), DEMO_PACE_MS: "20" },
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  void (async () => {
    for await (const chunk of child.stdout) printed += new TextDecoder().decode(chunk);
  })();
  return {
    url: `http://127.0.0.1:${port}`,
    /** Waits until it says how to sign in, and answers with that. */
    async isReady() {
      await until("the demo says how to sign in", () => /Password\s+\S+/.test(printed) || child.exitCode !== null, 120);
      const email = /Sign in as\s+(\S+)/.exec(printed)?.[1];
      const password = /Password\s+(\S+)/.exec(printed)?.[1];
      if (!email || !password) throw new Error(`The demo did not start:\n${printed}`);
      return { email, password };
    },
    async stop() {
      child.kill("SIGTERM");
      const code = await child.exited;
      rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

async function trackedFiles(): Promise<number> {
  return (await Bun.$`git ls-files`.text()).trim().split("\n").length;
}
