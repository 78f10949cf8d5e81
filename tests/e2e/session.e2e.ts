import { createClient } from "../../client/index.ts";
import { expect, signInAt, test } from "./fixtures.ts";

test("signing out in one tab takes the others to the sign-in, and back afterwards", async ({ page, context }) => {
  await page.goto("/tasks?priority=high");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();

  const otherTab = await context.newPage();
  await otherTab.goto("/dashboard");
  await otherTab
    .locator("summary", { hasText: /test|admin/i })
    .first()
    .click();
  await otherTab.getByRole("button", { name: "Sign out" }).click();

  await expect(page).toHaveURL(/\/login\?to=%2Ftasks%3Fpriority%3Dhigh$/);
  await page.getByLabel("Email").fill("admin@example.test");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/tasks\?priority=high$/);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
});

test("a form sent after the session has ended says that it was not saved, and leads back", async ({
  page,
  context,
}) => {
  await page.goto("/workflows/new");
  await page.getByLabel("Name").first().fill("Typed for a long time");
  await context.clearCookies();
  await page.getByRole("button", { name: "Create the workflow" }).last().click();
  await expect(page.getByText("what you just sent was not saved")).toBeVisible();
  await page.getByLabel("Email").fill("admin@example.test");
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/workflows\/new$/);
});

test("an invitation knows whom it invites, works once and says so", async ({ page, browser, server, api }) => {
  const { link } = await api.users.invite.mutate({ name: "Invited", email: "Invited@example.test", role: "viewer" });
  const context = await browser.newContext({ baseURL: server.url });
  const guest = await context.newPage();
  await guest.goto(link);
  await expect(guest.getByText("For invited@example.test.")).toBeVisible();
  await expect(guest.getByLabel("Your name")).toHaveValue("Invited");
  await expect(guest.getByLabel("Email")).toHaveCount(0);
  await guest.getByLabel("Password").fill("a long enough secret");
  await guest.getByRole("button", { name: "Keep it and sign in" }).click();
  await expect(guest).toHaveURL(/\/dashboard$/);

  await guest.goto(link);
  await expect(guest.getByRole("heading", { name: "This link no longer works" })).toBeVisible();

  await page.goto("/settings");
  await page
    .getByRole("row", { name: /invited@example.test/ })
    .getByRole("button", { name: "Disable" })
    .click();
  await guest.goto("/tasks");
  await expect(guest).toHaveURL(/\/login/);
  await context.close();
});

test("a changed role reaches the open page", async ({ page, browser, server, api }) => {
  const { link } = await api.users.invite.mutate({ name: "Riser", email: "riser@example.test", role: "viewer" });
  const password = "a long enough secret";
  const context = await browser.newContext({ baseURL: server.url });
  const guest = await context.newPage();
  await guest.goto(link);
  await guest.getByLabel("Password").fill(password);
  await guest.getByRole("button", { name: "Keep it and sign in" }).click();
  await expect(guest).toHaveURL(/\/dashboard$/);
  await guest.goto("/tasks");
  await expect(guest.getByText("Live", { exact: true })).toBeVisible();
  await expect(guest.getByRole("link", { name: "New task" })).toHaveCount(0);

  await page.goto("/settings");
  await page.getByLabel("Role of Riser").selectOption("operator");
  await page
    .getByRole("row", { name: /riser@example.test/ })
    .getByRole("button", { name: "Set" })
    .click();
  await expect(guest.getByRole("link", { name: "New task" })).toBeVisible();
  await expect(guest.getByText("Live", { exact: true })).toBeVisible();
  await context.close();
});

test("a decision that came too late is told who was first, and leads back to the inbox", async ({
  browser,
  server,
  api,
}) => {
  const { token } = await api.agents.create.mutate({ name: `asker-${Date.now()}` });
  const agent = createClient({ url: server.url, token });
  const workflow = await api.workflows.create.mutate({ name: "Spring cleaning" });
  const task = await api.tasks.create.mutate({ workflowId: workflow.id, name: "Tidy up" });
  const { id } = await agent.suggestions.create.mutate({ taskId: task.id, action: "Tidy the attic", confidence: 0.5 });
  const context = await browser.newContext({ baseURL: server.url, javaScriptEnabled: false });
  const late = await context.newPage();
  await signInAt(late, server.url);
  await late.goto(`/suggestions?s=${id}`);
  await api.suggestions.reject.mutate({ id, reason: "Not today" });

  await late.getByRole("button", { name: "Approve" }).click();
  await expect(late.getByRole("alert")).toContainText("Already rejected by");
  await expect(late.getByRole("button", { name: "Do it anyway" })).toHaveCount(0);
  await late.getByRole("link", { name: "Go back" }).click();
  await expect(late).toHaveURL(/\/suggestions\?s=/);
  await expect(late.getByRole("heading", { level: 1 })).toHaveText(/Decisions/);
  await context.close();
});
