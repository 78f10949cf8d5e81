import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { ownDatabase } from "../support/database.ts";
import { admin, type RunningServer, startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";

interface WorkerFixtures {
  database: Awaited<ReturnType<typeof ownDatabase>>;
  /** A production server on a database of its own, with one admin. */
  server: RunningServer;
  /** The typed API as that admin. */
  api: ReturnType<typeof personClient>;
}

interface Fixtures {
  /** Whether this test cuts connections, which browsers print as errors. */
  cutsConnections: boolean;
  /** A browser's page, signed in as the admin. */
  page: Page;
  /** Another browser, signed in as well. */
  otherPage: Page;
}

/** Signs in through the form and stays at the dashboard. */
export async function signInAt(page: Page, url: string, { email, password } = admin): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/dashboard");
}

/** Fails the test on any error that a page prints or throws, but for the statuses that a test asks for. */
export function watchForErrors(context: BrowserContext): string[] {
  const errors: string[] = [];
  context.on("console", (message) => {
    const isStatus = /the server responded with a status of 4(04|09|22|03|29)/.test(message.text());
    if (message.type() === "error" && !isStatus) errors.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => {
    const { message } = error.error();
    // Remix leaves the rejection of a read that a newer one has replaced to nobody; nothing is lost by it.
    if (message !== "signal is aborted without reason") errors.push(message);
  });
  return errors;
}

/** What a browser prints about a connection that was cut or refused. */
export const lostConnection = /WebSocket connection to|net::ERR_(CONNECTION|INTERNET|EMPTY|NETWORK)|status of 50[234]/;

export const test = base.extend<Fixtures, WorkerFixtures>({
  database: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads which fixtures are wanted from this pattern.
    async ({}, use) => {
      const database = await ownDatabase();
      await use(database);
      await database.drop();
    },
    { scope: "worker" },
  ],
  server: [
    async ({ database }, use) => {
      const server = await startServer({ env: { DATABASE_URL: database.url, SESSION_SECRET: "e".repeat(40) } });
      await use(server);
      await server.remove();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  api: [async ({ server }, use) => use(personClient(server.url, await signIn(server.url))), { scope: "worker" }],
  baseURL: async ({ server }, use) => use(server.url),
  cutsConnections: [false, { option: true }],
  context: async ({ context, cutsConnections }, use) => {
    const errors = watchForErrors(context);
    await use(context);
    const unexpected = cutsConnections ? errors.filter((text) => !lostConnection.test(text)) : errors;
    expect(unexpected, "errors in the console").toEqual([]);
  },
  page: async ({ page, server }, use) => {
    await signInAt(page, server.url);
    await use(page);
  },
  otherPage: async ({ browser, server }, use) => {
    const context = await browser.newContext({ baseURL: server.url });
    const errors = watchForErrors(context);
    const page = await context.newPage();
    await signInAt(page, server.url);
    await use(page);
    await context.close();
    expect(errors, "errors in the other browser's console").toEqual([]);
  },
});

export { expect };

/** The column of the board with this heading. */
export const column = (page: Page, name: string) => page.getByRole("region", { name: new RegExp(`^${name}`) });
