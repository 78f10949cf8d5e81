import type { Locator, Page } from "@playwright/test";
import { column, expect, test } from "./fixtures.ts";

type Api = Parameters<Parameters<typeof test>[2]>[0]["api"];

/** A workflow of its own with pending tasks of these names, and the board that shows only it. */
async function boardOf(api: Api, names: string[]) {
  const tasks = names.map((name) => ({ key: name, name, requiredCapabilities: ["nobody-has-this"] }));
  const workflow = await api.workflows.create.mutate({ name: `Board of ${names[0]}`, tasks });
  return { path: `/tasks?workflowId=${workflow.id}`, ids: workflow.tasks.map((task) => task.id) };
}

const card = (page: Page, name: string) => page.getByRole("article", { name });
const namesIn = (list: Locator) => list.getByRole("article").getByRole("heading").allTextContents();

/** Takes a card by the mouse and lets go of it over the middle of the target. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const [start, end] = [await from.boundingBox(), await to.boundingBox()];
  if (!start || !end) throw new Error("Both must be on the screen");
  await page.mouse.move(start.x + start.width / 2, start.y + 8);
  await page.mouse.down();
  await page.mouse.move(start.x + start.width / 2 + 12, start.y + 20, { steps: 4 });
  await page.mouse.move(end.x + end.width / 2, end.y + Math.min(60, end.height / 2), { steps: 15 });
  await page.mouse.up();
}

test("a card is dragged to another column with the mouse, and stays there", async ({ page, api }) => {
  const { path, ids } = await boardOf(api, ["Alpha", "Beta"]);
  await page.goto(path);
  await page.getByText("Live", { exact: true }).first().waitFor();
  await drag(page, card(page, "Alpha"), column(page, "In progress"));
  await expect(column(page, "In progress").getByRole("article", { name: "Alpha" })).toBeVisible();
  await expect.poll(async () => (await api.tasks.byId.query({ id: ids[0] ?? "" })).status).toBe("in_progress");
  await page.reload();
  await expect(column(page, "In progress").getByRole("article", { name: "Alpha" })).toBeVisible();
  await expect(card(page, "Alpha")).toContainText("admin");
});

test("the keyboard orders cards within a column, and the order is kept", async ({ page, api }) => {
  const { path } = await boardOf(api, ["First", "Second", "Third"]);
  await page.goto(path);
  await page.getByText("Live", { exact: true }).first().waitFor();
  const pending = column(page, "Pending");
  expect(await namesIn(pending)).toEqual(["First", "Second", "Third"]);
  const moved = page.waitForResponse(
    (answer) => answer.url().includes("/move") && answer.request().method() === "POST",
  );
  await page.locator("[data-rfd-drag-handle-draggable-id]").first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByText(/place 2/).first()).toBeAttached();
  await page.keyboard.press("Space");
  await moved;
  await expect.poll(() => namesIn(pending)).toEqual(["Second", "First", "Third"]);
  await page.reload();
  expect(await namesIn(column(page, "Pending"))).toEqual(["Second", "First", "Third"]);
});

test("a move in one browser appears in the other", async ({ page, otherPage, api }) => {
  const { path } = await boardOf(api, ["Travels", "Stays"]);
  await page.goto(path);
  await otherPage.goto(path);
  await otherPage.getByText("Live", { exact: true }).first().waitFor();
  await page.getByRole("article", { name: "Travels" }).getByText("Move").first().click();
  await page.getByRole("article", { name: "Travels" }).getByLabel("Move to").selectOption("Completed");
  await page.getByRole("article", { name: "Travels" }).getByRole("button", { name: /Move/ }).click();
  await expect(column(otherPage, "Completed").getByRole("article", { name: "Travels" })).toBeVisible();
  await expect(column(page, "Completed").getByRole("article", { name: "Travels" })).toBeVisible();
});

test("a new task appears on an open board, and one that the filter excludes does not", async ({ page, api }) => {
  const { path } = await boardOf(api, ["Here"]);
  const workflowId = new URL(path, "http://x").searchParams.get("workflowId") ?? "";
  const other = await api.workflows.create.mutate({ name: "Elsewhere" });
  await page.goto(path);
  await page.getByText("Live", { exact: true }).first().waitFor();
  await api.tasks.create.mutate({ workflowId: other.id, name: "Not for this board" });
  await api.tasks.create.mutate({ workflowId, name: "Newcomer" });
  await expect(card(page, "Newcomer")).toBeVisible();
  await expect(card(page, "Not for this board")).toHaveCount(0);
});

test("filters live in the address and survive a reload", async ({ page, api }) => {
  const { path } = await boardOf(api, ["Needle", "Haystack"]);
  await page.goto(path);
  await page.getByPlaceholder("Find a task").fill("Needle");
  await page.getByRole("button", { name: "Filter" }).click();
  await expect(page).toHaveURL(/search=Needle/);
  await expect(card(page, "Haystack")).toHaveCount(0);
  await page.reload();
  await expect(card(page, "Needle")).toBeVisible();
  await expect(card(page, "Haystack")).toHaveCount(0);
});

test("a long column shows its first cards and offers the rest", async ({ page, api }) => {
  const names = Array.from({ length: 60 }, (_, i) => `Long ${String(i).padStart(2, "0")}`);
  const { path } = await boardOf(api, names);
  await page.goto(path);
  const pending = column(page, "Pending");
  await expect(pending.getByRole("article")).toHaveCount(25);
  await pending.getByRole("link", { name: /Show more/ }).click();
  await expect.poll(() => pending.getByRole("article").count()).toBeGreaterThan(25);
});
