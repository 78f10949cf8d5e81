import { type Browser, test as base, type Page } from "@playwright/test";
import { startCaddy } from "../support/caddy.ts";
import { ownDatabase } from "../support/database.ts";
import { freePort, type RunningServer, startServer } from "../support/server.ts";
import { watchChip } from "./chip.ts";
import { column, expect, lostConnection, signInAt, watchForErrors } from "./fixtures.ts";

interface Fleet {
  url: string;
  /** Where plain HTTP is asked for. */
  plainUrl: string;
  kill(name: string): Promise<void>;
}

/** Two instances behind Caddy over HTTPS, as docker-compose.yml describes them; what was killed is started again after a test. */
const test = base.extend<{ fleet: Fleet }, { servers: Omit<Fleet, "kill"> & { all: Map<string, RunningServer> } }>({
  servers: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from this pattern.
    async ({}, use) => {
      const database = await ownDatabase();
      const httpsPort = freePort();
      const env = {
        DATABASE_URL: database.url,
        REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
        SESSION_SECRET: "t".repeat(40),
        PUBLIC_URL: `https://localhost:${httpsPort}`,
        TRUST_PROXY: "true",
      };
      const start = (name: string) => startServer({ env: { ...env, INSTANCE_ID: name } });
      const all = new Map([
        ["here", await start("here")],
        ["there", await start("there")],
      ]);
      const caddy = await startCaddy([...all.values()], { httpsPort });
      await use({ ...caddy, all });
      await caddy.stop();
      for (const server of all.values()) await server.remove();
      await database.drop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  fleet: async ({ servers: { url, plainUrl, all } }, use) => {
    const killed = new Set<string>();
    const kill = async (name: string) => {
      killed.add(name);
      await all.get(name)?.stop("SIGKILL");
    };
    await use({ url, plainUrl, kill });
    for (const name of killed) {
      const server = await all.get(name)?.restart();
      if (server) all.set(name, server);
    }
  },
});

/** A browser of its own, signed in; `instance` names whose socket its page is on. */
async function openBrowser(browser: Browser, { url }: Fleet, { javaScriptEnabled = true } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled });
  const errors = watchForErrors(context);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  let instance = "";
  devtools.on("Network.webSocketHandshakeResponseReceived", ({ response }) => {
    const [, name] = Object.entries(response.headers).find(([key]) => key.toLowerCase() === "x-instance") ?? [];
    instance = name ?? "";
  });
  await devtools.send("Network.enable");
  await signInAt(page, url);
  return {
    page,
    instance: () => instance,
    async close() {
      await context.close();
      expect(errors.filter((text) => !lostConnection.test(text))).toEqual([]);
    },
  };
}

/** A workflow of pending tasks, made by the form; answers with the address of its board. */
async function makeBoard(page: Page, url: string, names: string[]): Promise<string> {
  await page.goto(`${url}/workflows/new`);
  await page.getByLabel("Name").first().fill(`Board of ${names[0]}`);
  for (const [i, name] of names.entries()) {
    const field = page.locator(`input[name="tasks[${i}].name"]`);
    if (!(await field.isVisible())) await page.getByRole("button", { name: "Add another task" }).click();
    await field.fill(name);
    await page.locator(`input[name="tasks[${i}].requiredCapabilities"]`).fill("nobody-has-this");
  }
  await page.getByRole("button", { name: "Create the workflow" }).last().click();
  await page.waitForURL(/\/workflows\/(?!new)/);
  return `${url}/tasks?search=${names[0]?.split(" ")[0]}`;
}

async function complete(page: Page, name: string): Promise<void> {
  const card = page.getByRole("article", { name });
  await card.getByText("Move").first().click();
  await card.getByLabel("Move to").selectOption("Completed");
  await card.getByRole("button", { name: /^Move/ }).click();
}

const completed = (page: Page, name: string) => column(page, "Completed").getByRole("article", { name });

test("two browsers on two instances see each other's moves, and a killed instance loses neither moves nor forms", async ({
  browser,
  fleet,
}) => {
  base.setTimeout(120_000);
  const left = await openBrowser(browser, fleet);
  const right = await openBrowser(browser, fleet);
  const board = await makeBoard(left.page, fleet.url, ["Across one", "Across two", "Across three"]);
  await left.page.goto(board);
  await right.page.goto(board);
  const leftSaid = await watchChip(left.page);
  await expect(async () => {
    if (right.instance() === left.instance()) await right.page.reload();
    await right.page.getByText("Live", { exact: true }).first().waitFor();
    expect(right.instance()).not.toBe(left.instance());
  }).toPass();
  const rightSaid = await watchChip(right.page);

  await complete(left.page, "Across one");
  await expect(completed(right.page, "Across one")).toBeVisible();

  await fleet.kill(right.instance());
  await Promise.all([complete(left.page, "Across two"), complete(right.page, "Across three")]);
  for (const { page } of [left, right]) {
    for (const name of ["Across two", "Across three"]) await expect(completed(page, name)).toBeVisible();
  }
  // What was missed may come in one piece with the connection, before the browser draws the word for it.
  await expect.poll(rightSaid).toMatch(/^Live, Offline since, (Catching up, )?Live$/);
  expect(await leftSaid()).toBe("Live");
  await left.close();
  await right.close();
});

test("without JavaScript the forms go on through an instance's death, and plain HTTP leads to HTTPS", async ({
  browser,
  fleet,
}) => {
  const { page, close } = await openBrowser(browser, fleet, { javaScriptEnabled: false });
  const board = await makeBoard(page, fleet.url, ["Plain one", "Plain two"]);
  const plain = await page.request.get(`${fleet.plainUrl}/tasks`, { maxRedirects: 0 });
  expect([plain.status(), plain.headers().location]).toEqual([308, "https://localhost/tasks"]);
  await fleet.kill("here");
  for (const name of ["Plain one", "Plain two"]) {
    await page.goto(board);
    await complete(page, name);
    await expect(completed(page, name)).toBeVisible();
  }
  await close();
});
