import { expect, test } from "./fixtures.ts";

test.use({ cutsConnections: true });

test("a form whose answer is lost is sent again by itself and makes one task", async ({ page, api }) => {
  const workflow = await api.workflows.create.mutate({ name: "Lost answers" });
  await page.goto(`/tasks/new?workflowId=${workflow.id}`);
  let sent = 0;
  await page.route("**/tasks/new.data*", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    sent++;
    const answer = await route.fetch();
    // The first time it was taken in, and nobody heard of it.
    return sent === 1 ? route.abort("connectionreset") : route.fulfill({ response: answer });
  });
  await page.getByLabel("Name").first().fill("Made once");
  await page.getByRole("button", { name: "Add the task" }).click();
  await expect(page.getByRole("heading", { name: "Made once" })).toBeVisible();
  expect(sent).toBe(2);
  const { items } = await api.tasks.list.query({ workflowId: workflow.id });
  expect(items.map(({ name }) => name)).toEqual(["Made once"]);
});

test("a page that nobody answers for a moment comes by itself", async ({ page }) => {
  await page.goto("/dashboard");
  let asked = 0;
  await page.route("**/workflows.data*", (route) => {
    asked++;
    return asked < 3 ? route.abort("connectionrefused") : route.continue();
  });
  await page.getByRole("link", { name: "Workflows" }).first().click();
  await expect(page.getByRole("heading", { name: "Workflows", level: 1 })).toBeVisible();
  expect(asked).toBe(3);
});
