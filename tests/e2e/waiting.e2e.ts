import type { Locator, Page } from "@playwright/test";
import { createClient } from "../../client/index.ts";
import { expect, test } from "./fixtures.ts";

const card = (page: Page, name: string) => page.getByRole("article", { name });
const live = (page: Page) => page.getByText("Live", { exact: true }).first().waitFor();

/** A moment in the words of a page, with the exact one in its title. */
async function expectTime(where: Locator, words: RegExp): Promise<void> {
  const time = where.locator("time").filter({ hasText: words });
  await expect(time).toHaveAttribute("title", /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
}

test("cards say why they wait, and go on saying it right as things change", async ({ page, api, server }) => {
  const skill = `skill-${Date.now()}`;
  const workflow = await api.workflows.create.mutate({
    name: "Waiting",
    tasks: [
      { key: "scan", name: "Scan", requiredCapabilities: [skill], timeoutSeconds: 600 },
      { key: "bind", name: "Bind", dependsOn: ["scan"] },
    ],
  });
  await page.goto(`/tasks?workflowId=${workflow.id}`);
  await live(page);
  await expect(card(page, "Scan")).toContainText(`No agent has the capability ${skill}. Connect one`);
  await expect(card(page, "Bind")).toContainText("Waits for: Scan");

  const { agent, token } = await api.agents.create.mutate({ name: `scanner-${Date.now()}`, capabilities: [skill] });
  await expect(card(page, "Scan")).toContainText(`${agent.name} has it, but is offline.`);

  const client = createClient({ url: server.url, token });
  const [claim] = await client.tasks.claim.mutate({ workflowId: workflow.id });
  if (!claim) throw new Error("There is a task to claim");
  const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };
  await expect(card(page, "Scan")).toContainText(`${agent.name} works on it (attempt 1 of 3), lease until`);
  await expectTime(card(page, "Scan"), /^\d+ \w{3} \d\d:\d\d$/);

  await client.suggestions.create.mutate({ taskId: claim.task.id, ...lease, action: "Scan in colour" });
  await expect(card(page, "Scan").getByRole("link", { name: /^Waits for a decision since \d+ \w{3}/ })).toBeVisible();

  await client.runs.fail.mutate({ ...lease, error: "Out of paper", retryable: false });
  await expect(card(page, "Bind")).toContainText("Waits for: Scan, which has failed. It will not start by itself");
});

test("a task's page says its times with their date, and hears of agents", async ({ page, api }) => {
  const skill = `skill-${Date.now()}`;
  const workflow = await api.workflows.create.mutate({
    name: "Paused",
    tasks: [{ key: "scan", name: "Scan", requiredCapabilities: [skill] }],
  });
  await api.workflows.pause.mutate({ id: workflow.id });
  await page.goto(`/tasks/${workflow.tasks[0]?.id}`);
  await live(page);
  const why = page.getByRole("listitem").filter({ hasText: "Its workflow was paused by" });
  await expectTime(why, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  await expect(page.getByText(`No agent has the capability ${skill}.`)).toBeVisible();
  await api.agents.create.mutate({ name: `late-${Date.now()}`, capabilities: [skill] });
  await expect(page.getByText(`No online agent has the capability ${skill}.`)).toBeVisible();
});
