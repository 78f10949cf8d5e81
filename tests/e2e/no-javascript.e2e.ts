import { test as base, type Page } from "@playwright/test";
import { runAgent } from "../../client/index.ts";
import { startServer } from "../support/server.ts";
import { column, expect } from "./fixtures.ts";

const test = base.extend({ javaScriptEnabled: false });

const person = { name: "Test person", email: "person@example.test", password: "a long enough secret" };

test("the whole story by a person's hand, with JavaScript off", async ({ page }) => {
  test.setTimeout(120_000);
  // Nobody is configured: the first start prints a link, and there is no other way in.
  const server = await startServer({ env: { ADMIN_EMAIL: "", ADMIN_PASSWORD: "" } });
  const stop = new AbortController();
  let agent: Promise<void> | undefined;
  try {
    const link = /http:\/\/\S+\/setup\?token=[\w-]+/.exec(server.output())?.[0];
    if (!link) throw new Error(`No set-up link was printed:\n${server.output()}`);
    await setUp(page, server.url, link);
    const workflowUrl = await createWorkflow(page, server.url);
    const token = await createAgent(page, server.url);
    agent = runAgent({ url: server.url, token, signal: stop.signal, handlers: { "read-code": ask } });
    await decide(page, server.url);
    await comment(page, workflowUrl);
    await moveByForm(page, server.url);
    await seeInAudit(page, server.url);
    await signOut(page, server.url);
  } finally {
    stop.abort();
    await agent;
    await server.remove();
  }
});

/** What the agent does: it asks, and says in its result what it was told. */
const ask: Parameters<typeof runAgent>[0]["handlers"][string] = async (job) => {
  const decided = await job.suggest({
    action: "Delete three old files",
    reasoning: "Nothing uses them",
    confidence: 0.8,
    wait: true,
  });
  return { told: decided.status };
};

async function setUp(page: Page, url: string, link: string) {
  await page.goto(`${url}/tasks`);
  await expect(page).toHaveURL(/\/setup/);
  await page.goto(link);
  await page.getByLabel("Your name").fill(person.name);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill("short");
  await page
    .locator("input[name=password]")
    .evaluate((input) => input.removeAttribute("minlength"))
    .catch(() => {});
  await page.getByRole("button", { name: /set up|create|make/i }).click();
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: /set up|create|make/i }).click();
  await expect(page).toHaveURL(/\/dashboard/);
  // The link works once.
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page).not.toHaveURL(/\/dashboard/);
  await page.goto(`${url}/login`);
  await page.getByLabel("Email").fill(person.email);
  await page.getByLabel("Password").fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveURL(/\/dashboard/);
}

async function createWorkflow(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/workflows/new`);
  await page.getByLabel("Name").first().fill("By hand");
  await page.getByLabel("Description").first().fill("Made without **JavaScript**");
  await page.getByRole("button", { name: "Add another task" }).click();
  await expect(page.getByLabel("Name").first()).toHaveValue("By hand");
  await page.locator('input[name="tasks[0].name"]').fill("Clean up");
  await page.locator('input[name="tasks[0].requiredCapabilities"]').fill("read-code");
  await page.locator('input[name="tasks[1].name"]').fill("Tell everybody");
  await page.locator('input[name="tasks[1].requiredCapabilities"]').fill("talk");
  await page.getByRole("button", { name: "Create the workflow" }).last().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("By hand");
  return page.url();
}

async function createAgent(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/agents/new`);
  await page.getByLabel("Name").fill("hand-made");
  await page.getByLabel(/^Can/).fill("read-code");
  await page.getByRole("button", { name: /create/i }).click();
  const token = await page
    .getByText(/^wfd_[\w-]+$/)
    .first()
    .textContent();
  if (!token) throw new Error("The new agent's token was not shown");
  return token;
}

async function decide(page: Page, url: string) {
  await expect
    .poll(async () => {
      await page.goto(`${url}/suggestions`);
      return page.getByText("Delete three old files").count();
    })
    .toBeGreaterThan(0);
  await expect(page).toHaveTitle(/\(1\)/);
  await page.getByLabel("Note to the agent").first().fill("Go ahead, I looked");
  await page
    .getByRole("button", { name: /^Approve/ })
    .first()
    .click();
  await expect(page.getByText(/approved/i).first()).toBeVisible();
  await page.goto(`${url}/tasks`);
  await expect
    .poll(async () => {
      await page.reload();
      return column(page, "Completed").getByRole("article", { name: "Clean up" }).count();
    })
    .toBe(1);
}

async function comment(page: Page, workflowUrl: string) {
  await page.goto(workflowUrl);
  await page.getByRole("link", { name: "Clean up" }).first().click();
  await page
    .getByLabel("Say something to the agent and the team")
    .fill("Thank you, <script>alert(1)</script> **well done**");
  await page.getByRole("button", { name: "Comment" }).click();
  await expect(page.locator("strong", { hasText: "well done" })).toBeVisible();
}

async function moveByForm(page: Page, url: string) {
  await page.goto(`${url}/tasks`);
  const card = page.getByRole("article", { name: "Tell everybody" });
  await card.getByText("Move").first().click();
  await card.getByLabel("Move to").selectOption("In progress");
  await card.getByRole("button", { name: /^Move/ }).click();
  await expect(column(page, "In progress").getByRole("article", { name: "Tell everybody" })).toContainText(person.name);
}

async function seeInAudit(page: Page, url: string) {
  await page.goto(`${url}/audit`);
  const log = page.getByRole("main");
  for (const words of ["hand-made", person.name, "Delete three old files", "Tell everybody"]) {
    await expect(log.getByText(words).first()).toBeVisible();
  }
}

async function signOut(page: Page, url: string) {
  await page.goto(`${url}/dashboard`);
  const button = page.getByRole("button", { name: /sign out/i });
  if (!(await button.first().isVisible())) await page.getByText(person.name).first().click();
  await button.first().click();
  await page.goto(`${url}/tasks`);
  await expect(page).toHaveURL(/\/login/);
}
