import type { Locator, Page } from "@playwright/test";
import { column, expect, test } from "./fixtures.ts";

type Api = Parameters<Parameters<typeof test>[2]>[0]["api"];

const burst = 200;

const workflowOf = (api: Api, names: string[]) =>
  api.workflows.create.mutate({
    name: `Busy with ${names[0]}`,
    tasks: names.map((name) => ({ key: name, name, requiredCapabilities: ["nobody-has-this"] })),
  });

/** How often the page has asked its loaders for data again. */
function countReads(page: Page): () => number {
  let reads = 0;
  page.on("request", (request) => {
    if (request.method() === "GET" && new URL(request.url()).pathname.endsWith(".data")) reads += 1;
  });
  return () => reads;
}

const topOf = async (field: Locator) => (await field.boundingBox())?.y ?? Number.NaN;

test("a field keeps its text, focus and place while two hundred events come in, and the loaders are asked rarely", async ({
  page,
  api,
}) => {
  const workflow = await workflowOf(api, ["Talked about", "Other"]);
  const taskId = workflow.tasks[0]?.id ?? "";
  await page.goto(`/tasks/${taskId}`);
  await page.getByText("Live", { exact: true }).first().waitFor();
  const field = page.getByLabel("Say something to the agent and the team");
  await field.click();
  const reads = countReads(page);
  const began = performance.now();

  // First from the top of the page, where browsers keep nothing in place by themselves; by then it has scrolled.
  let written = "";
  for (const words of ["Written while the whole floor moves. ", "And still it moves."]) {
    const top = await topOf(field);
    const news = Array.from({ length: burst / 2 }, (_, i) =>
      i % 20 === 0
        ? api.comments.create.mutate({ taskId, text: `Remark ${i}` })
        : api.tasks.create.mutate({ workflowId: workflow.id, name: `New ${i}` }),
    );
    const readsBefore = reads();
    await Promise.all([field.pressSequentially(words, { delay: 25 }), ...news]);
    written += words;
    await expect(field).toHaveValue(written);
    await expect(field).toBeFocused();
    await expect.poll(reads).toBeGreaterThan(readsBefore);
    expect(Math.abs((await topOf(field)) - top)).toBeLessThan(2);
  }
  await expect(page.getByRole("article").filter({ hasText: /Remark \d+/ })).toHaveCount(burst / 20);
  expect(reads()).toBeLessThan(3 + (performance.now() - began) / 2500);
});

test("rows that are read again leave the reader where they have scrolled meanwhile", async ({ page, api }) => {
  const workflow = await workflowOf(api, ["Read at length"]);
  const taskId = workflow.tasks[0]?.id ?? "";
  for (const i of Array(15).keys()) await api.comments.create.mutate({ taskId, text: `Remark ${i}` });
  await page.goto(`/tasks/${taskId}`);
  await page.getByText("Live", { exact: true }).first().waitFor();

  const held = Promise.withResolvers<void>();
  await page.route("**/*.data*", async (route) => {
    await held.promise;
    await route.continue();
  });
  const asked = page.waitForRequest(/\.data/);
  await api.tasks.update.mutate({ id: taskId, name: "Read at great length" });
  await asked;
  await page.mouse.move(600, 400);
  await page.mouse.wheel(0, 300);
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(300);
  held.resolve();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Read at great length");
  expect(await page.evaluate(() => window.scrollY)).toBe(300);
});

test("a board shows a burst once a frame, and nothing moves while a card is in the hand", async ({ page, api }) => {
  const names = Array.from({ length: 20 }, (_, i) => `Card ${String(i).padStart(2, "0")}`);
  const workflow = await workflowOf(api, names);
  await page.goto(`/tasks?workflowId=${workflow.id}`);
  await page.getByText("Live", { exact: true }).first().waitFor();
  const pending = column(page, "Pending");
  const shown = () => pending.getByRole("article").getByRole("heading").allTextContents();

  await page.getByRole("group", { name: /card$/ }).first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText(/place 2/).first()).toBeAttached();
  const counted = await countBatches(page);
  await Promise.all(workflow.tasks.slice(5).map(({ id }) => api.tasks.move.mutate({ id, status: "completed" })));
  await expect.poll(async () => (await counted()).frames).toBeGreaterThan(30);
  expect(await shown()).toEqual(names);
  expect((await counted()).batches).toBe(0);

  await page.keyboard.press("Space");
  await expect.poll(shown).toEqual(["Card 01", "Card 00", "Card 02", "Card 03", "Card 04"]);
  await expect(column(page, "Completed").getByRole("article")).toHaveCount(15);

  const before = await counted();
  await Promise.all(
    Array.from({ length: burst }, (_, i) =>
      api.tasks.update.mutate({ id: workflow.tasks[i % 5]?.id ?? "", name: `Renamed ${i}` }),
    ),
  );
  await expect.poll(async () => (await shown()).every((name) => name.startsWith("Renamed"))).toBe(true);
  const after = await counted();
  expect(after.batches - before.batches).toBeLessThanOrEqual(after.frames - before.frames);
});

test("rows that were asked for before a card was lifted, and come while it is in the hand, move nothing", async ({
  page,
  api,
}) => {
  const names = ["First", "Second", "Third", "Fourth"];
  const workflow = await workflowOf(api, names);
  await page.goto(`/tasks?workflowId=${workflow.id}`);
  await page.getByText("Live", { exact: true }).first().waitFor();
  const pending = column(page, "Pending");
  const shown = () => pending.getByRole("article").getByRole("heading").allTextContents();

  const held = Promise.withResolvers<void>();
  await page.route("**/tasks.data*", async (route) => {
    await held.promise;
    await route.continue();
  });
  const asked = page.waitForRequest(/tasks\.data/);
  await api.tasks.update.mutate({ id: workflow.tasks[3]?.id ?? "", name: "Last" });
  await asked;
  await page.getByRole("group", { name: /card$/ }).first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText(/place 2/).first()).toBeAttached();
  await api.tasks.move.mutate({ id: workflow.tasks[1]?.id ?? "", status: "completed" });

  const counted = await countBatches(page);
  // The page may let go of the body when it has the rows, which then counts as a request that failed.
  const answered = page.waitForResponse(/tasks\.data/);
  held.resolve();
  await answered;
  const { frames } = await counted();
  await expect.poll(async () => (await counted()).frames).toBeGreaterThan(frames + 30);
  expect(await shown()).toEqual(["First", "Second", "Third", "Last"]);

  await page.keyboard.press("Space");
  await expect.poll(shown).toEqual(["First", "Third", "Last"]);
});

test("a hidden page keeps no more than it can use, asks for nothing, and reads its rows anew when it is looked at", async ({
  page,
  api,
}) => {
  await page.goto("/tasks");
  const chip = page.getByRole("banner").getByRole("status");
  await expect(chip).toHaveText("Live");
  const setHidden = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await setHidden(true);
  const reads = countReads(page);
  const crowd = Array.from({ length: 700 }, (_, i) => ({ key: `${i}`, name: `Crowd ${i}` }));
  for (let i = 0; i < 3; i++) await api.workflows.create.mutate({ name: `Crowd ${i}`, tasks: crowd });
  await expect(chip).toHaveText("Catching up", { timeout: 30_000 });
  expect(reads()).toBe(0);

  await setHidden(false);
  await expect(chip).toHaveText("Live", { timeout: 30_000 });
  expect(reads()).toBeGreaterThan(0);
});

declare global {
  interface Window {
    counted: { batches: number; frames: number };
  }
}

/** Counts from now on how often the board's cards were changed, and the frames that there were for it. */
async function countBatches(page: Page) {
  await page.getByRole("region", { name: "Board" }).evaluate((board) => {
    const counted = { batches: 0, frames: 0 };
    window.counted = counted;
    const count = () => {
      counted.frames += 1;
      requestAnimationFrame(count);
    };
    count();
    new MutationObserver(() => {
      counted.batches += 1;
    }).observe(board, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.counted);
}
