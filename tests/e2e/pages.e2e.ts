import AxeBuilder from "@axe-core/playwright";
import { createClient } from "../../client/index.ts";
import { expect, test } from "./fixtures.ts";

const pages = {
  dashboard: "/dashboard",
  board: "/tasks",
  "new task": "/tasks/new",
  workflows: "/workflows",
  "new workflow": "/workflows/new",
  decisions: "/suggestions",
  agents: "/agents",
  "new agent": "/agents/new",
  audit: "/audit",
  settings: "/settings",
};

for (const [name, path] of Object.entries(pages)) {
  test(`axe finds no serious fault on the page ${name}`, async ({ page, api }) => {
    await somethingToShow(api);
    await page.goto(path);
    expect(await seriousFaults(page)).toEqual([]);
  });
}

test("axe finds no serious fault on the pages of one workflow, task and agent", async ({ page, api }) => {
  const { workflowId, taskId, agentId } = await somethingToShow(api);
  for (const path of [`/workflows/${workflowId}`, `/tasks/${taskId}`, `/agents/${agentId}`]) {
    await page.goto(path);
    expect([path, await seriousFaults(page)]).toEqual([path, []]);
  }
});

test("a wrong id is a page that says so, with status 404", async ({ page }) => {
  for (const path of [
    "/tasks/T-99999",
    "/workflows/W-99999",
    "/agents/01a205e6-fcec-72d1-b58f-96238047d604",
    "/tasks/nonsense",
    "/nowhere",
  ]) {
    const answer = await page.goto(path);
    expect([path, answer?.status()]).toEqual([path, 404]);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
});

test("pages open by number as well as by id", async ({ page, api }) => {
  const { taskId, workflowId } = await somethingToShow(api);
  const { number } = await api.tasks.byId.query({ id: taskId });
  await page.goto(`/tasks/T-${number}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Shown task");
  const workflow = await api.workflows.byId.query({ id: workflowId });
  await page.goto(`/workflows/W-${workflow.number}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Shown workflow");
});

test("a form without its name says what to do, beside the field", async ({ page }) => {
  await page.goto("/workflows/new");
  await page
    .getByLabel("Name", { exact: true })
    .first()
    .evaluate((input) => input.removeAttribute("required"));
  await page.getByRole("button", { name: "Create the workflow" }).click();
  await expect(page.getByText("Give it a name.").first()).toBeVisible();
});

test("a task's input is JSON: what is not is refused beside its field, what is reaches the task", async ({
  page,
  api,
}) => {
  const { workflowId } = await somethingToShow(api);
  await page.goto(`/tasks/new?workflowId=${workflowId}`);
  await page.getByLabel("Name").fill("With input");
  await page.getByLabel(/^Input/).fill("{ path: docs }");
  await page.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByText("Write this as JSON").first()).toBeVisible();
  await page.getByLabel(/^Input/).fill('{ "path": "docs" }');
  await page.getByLabel(/^Queue time-out/).fill("900");
  await page.getByRole("button", { name: /^Add/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("With input");
  const { items } = await api.tasks.list.query({ workflowId, search: "With input" });
  expect(await api.tasks.byId.query({ id: items[0]?.id ?? "" })).toMatchObject({
    input: { path: "docs" },
    queueTtlSeconds: 900,
  });
  await expect(
    page.getByText(/^It fails at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d unless an agent takes it before\.$/),
  ).toBeVisible();
});

test("a comment says that it was delivered to the agent and then seen, without a reload and without JavaScript", async ({
  page,
  browser,
  server,
  api,
}) => {
  const { token } = await api.agents.create.mutate({ name: "listener", capabilities: ["listen"] });
  const tasks = [{ key: "a", name: "Listen", requiredCapabilities: ["listen"] }];
  const workflow = await api.workflows.create.mutate({ name: "Heard", tasks });
  const number = workflow.tasks[0]?.number;
  const agent = createClient({ url: server.url, token });
  const [claim] = await agent.tasks.claim.mutate({ workflowId: workflow.id });
  const runs = [{ runId: claim?.run.id ?? "", leaseToken: claim?.run.leaseToken ?? "" }];

  await page.goto(`/tasks/T-${number}`);
  await page.getByText("Live", { exact: true }).first().waitFor();
  await page.getByLabel("Say something to the agent and the team").fill("Mind the licence");
  await page.getByRole("button", { name: "Comment" }).click();
  const comment = page.getByRole("article").filter({ hasText: "Mind the licence" });
  await expect(comment).toBeVisible();
  await expect(comment).not.toContainText("the agent");

  const { commands } = await agent.agents.heartbeat.mutate({ runs });
  await expect(comment).toContainText("delivered to the agent");
  await agent.agents.heartbeat.mutate({ runs, ack: commands.map(({ id }) => id) });
  await expect(comment).toContainText("seen by the agent");

  const state = await page.context().storageState();
  const plain = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false, storageState: state });
  const plainPage = await plain.newPage();
  await plainPage.goto(`/tasks/T-${number}`);
  const same = plainPage.getByRole("article").filter({ hasText: "Mind the licence" });
  await expect(same).toContainText("seen by the agent");
  await plain.close();
});

test("the theme is kept", async ({ page }) => {
  await page.goto("/dashboard");
  await page.getByRole("button", { name: /theme/i }).first().click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", /light|dark/);
  const theme = await page.locator("html").getAttribute("data-theme");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme ?? "");
});

type Api = Parameters<Parameters<typeof test>[2]>[0]["api"];
let shown: Promise<{ workflowId: string; taskId: string; agentId: string }> | undefined;

function somethingToShow(api: Api) {
  shown ??= (async () => {
    const { agent } = await api.agents.create.mutate({ name: "shown-agent", capabilities: ["read"] });
    const workflow = await api.workflows.create.mutate({
      name: "Shown workflow",
      tasks: [
        { key: "a", name: "Shown task", priority: "high", dueDate: "2030-01-01", requiredCapabilities: ["read"] },
        { key: "b", name: "Later task", dependsOn: ["a"] },
      ],
    });
    const taskId = workflow.tasks[0]?.id ?? "";
    await api.comments.create.mutate({ taskId, text: "A **comment**" });
    return { workflowId: workflow.id, taskId, agentId: agent.id };
  })();
  return shown;
}

async function seriousFaults(page: Parameters<Parameters<typeof test>[2]>[0]["page"]) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}
