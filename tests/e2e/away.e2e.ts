import type { BrowserContext, Page } from "@playwright/test";
import postgres from "postgres";
import { startProxy, type TcpProxy } from "../support/proxy.ts";
import { watchChip } from "./chip.ts";
import { test as base, column, expect } from "./fixtures.ts";

/** The line between the browser and the server, which may fail. */
const test = base.extend<{ line: TcpProxy & { url: string } }>({
  line: async ({ server }, use) => {
    const proxy = await startProxy(() => Number(new URL(server.url).port));
    await use({ ...proxy, url: `http://127.0.0.1:${proxy.port}` });
    await proxy.close();
  },
});

test.use({ cutsConnections: true });

type Api = Parameters<Parameters<typeof test>[2]>[0]["api"];

/** A board that shows two pending tasks, live, and what will happen to the second. */
async function openBoard(page: Page, url: string, api: Api) {
  const tasks = ["Before", "Meanwhile"].map((name) => ({ key: name, name, requiredCapabilities: ["nobody-has-this"] }));
  const workflow = await api.workflows.create.mutate({ name: "Slept through", tasks });
  await page.goto(`${url}/tasks?workflowId=${workflow.id}`);
  const [, meanwhile] = workflow.tasks;
  return {
    chipSaid: await watchChip(page),
    meanwhile: meanwhile?.id ?? "",
    complete: () => api.tasks.move.mutate({ id: meanwhile?.id ?? "", status: "completed" }),
  };
}

/** What a browser notices of a laptop that is opened again. */
async function wakeUp(context: BrowserContext): Promise<void> {
  await context.setOffline(true);
  await context.setOffline(false);
}

test("a page whose socket died in its sleep says so when it wakes, and has what it missed", async ({
  page,
  context,
  api,
  line,
}) => {
  const { chipSaid, complete } = await openBoard(page, line.url, api);
  line.silenceSockets();
  await complete();
  await wakeUp(context);

  await expect(column(page, "Completed").getByRole("article", { name: "Meanwhile" })).toBeVisible();
  await expect.poll(chipSaid).toBe("Live, Offline since, Catching up, Live");
});

test("a page that was away for longer than events are kept reads its rows anew, and is not live before", async ({
  page,
  context,
  api,
  database,
  line,
}) => {
  const { chipSaid, complete, meanwhile } = await openBoard(page, line.url, api);
  line.refuse(true);
  await expect(page.getByText(/^Offline since/)).toBeVisible();
  await complete();
  // So that an event which the page has not seen is among those that go.
  await api.tasks.update.mutate({ id: meanwhile, description: "Done" });
  const sql = postgres(database.url, { max: 1 });
  await sql`delete from events where seq < (select max(seq) from events)`;
  await sql.end();
  line.refuse(false);
  await wakeUp(context);

  await expect(column(page, "Completed").getByRole("article", { name: "Meanwhile" })).toBeVisible();
  await expect.poll(chipSaid).toBe("Live, Offline since, Catching up, Live");
});

test("a page does not call itself live while what it missed is still on a slow way to it", async ({
  page,
  context,
  api,
  line,
}) => {
  const { chipSaid, meanwhile } = await openBoard(page, line.url, api);
  await page.evaluate(() => {
    // What the board showed whenever the chip became live.
    window.shownWhenLive = [];
    let said = "";
    new MutationObserver(() => {
      const chip = document.querySelector("header [role=status]")?.textContent ?? "";
      if (chip !== said && chip === "Live")
        window.shownWhenLive.push(document.querySelector("main")?.textContent ?? "");
      said = chip;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  line.refuse(true);
  await expect(page.getByText(/^Offline since/)).toBeVisible();
  await api.tasks.update.mutate({ id: meanwhile, name: "Arrived late", description: "long ".repeat(3900) });
  // The one event takes seconds.
  line.pace(6000);
  line.refuse(false);
  await wakeUp(context);

  await expect(page.getByRole("article", { name: "Arrived late" })).toBeVisible({ timeout: 30_000 });
  line.pace(Number.POSITIVE_INFINITY);
  await expect.poll(chipSaid).toBe("Live, Offline since, Catching up, Live");
  const [shown, ...more] = await page.evaluate(() => window.shownWhenLive);
  expect(shown).toContain("Arrived late");
  expect(more).toEqual([]);
});

declare global {
  interface Window {
    shownWhenLive: string[];
  }
}
