import { test as base } from "@playwright/test";
import { ownDatabase } from "../support/database.ts";
import { startServer } from "../support/server.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { column, expect, signInAt, watchForErrors } from "./fixtures.ts";

base(
  "two browsers on two instances see each other's moves, and a lost instance is said and made good",
  async ({ browser }) => {
    base.setTimeout(120_000);
    const database = await ownDatabase();
    const env = {
      DATABASE_URL: database.url,
      REDIS_URL: process.env.TEST_REDIS_URL ?? "redis://127.0.0.1:6379",
      SESSION_SECRET: "t".repeat(40),
    };
    const here = await startServer({ env: { ...env, INSTANCE_ID: "here" } });
    let there = await startServer({ env: { ...env, INSTANCE_ID: "there" } });
    const contexts = [await browser.newContext(), await browser.newContext()];
    const errors = contexts.map(watchForErrors);
    try {
      const api = personClient(here.url, await signIn(here.url));
      const { id, tasks } = await api.workflows.create.mutate({
        name: "Across",
        tasks: ["One", "Two"].map((name) => ({ key: name, name, requiredCapabilities: ["nobody-has-this"] })),
      });
      const [left, right] = await Promise.all(contexts.map((context) => context.newPage()));
      if (!left || !right) throw new Error("Two pages were opened");
      await signInAt(left, here.url);
      await signInAt(right, there.url);
      await left.goto(`${here.url}/tasks?workflowId=${id}`);
      await right.goto(`${there.url}/tasks?workflowId=${id}`);
      for (const page of [left, right]) await page.getByText("Live", { exact: true }).first().waitFor();

      const card = left.getByRole("article", { name: "One" });
      await card.getByText("Move").first().click();
      await card.getByLabel("Move to").selectOption("Completed");
      await card.getByRole("button", { name: /^Move/ }).click();
      await expect(column(right, "Completed").getByRole("article", { name: "One" })).toBeVisible();

      const restarted = there.restart("SIGKILL");
      await expect(right.getByText(/Offline since/).first()).toBeVisible();
      await api.tasks.move.mutate({ id: tasks[1]?.id ?? "", status: "completed" });
      there = await restarted;
      await expect(right.getByText("Live", { exact: true }).first()).toBeVisible({ timeout: 45_000 });
      await expect(column(right, "Completed").getByRole("article", { name: "Two" })).toBeVisible();
      const unexpected = errors.flat().filter((text) => !/WebSocket connection to|ERR_CONNECTION_REFUSED/.test(text));
      expect(unexpected).toEqual([]);
    } finally {
      for (const context of contexts) await context.close();
      await here.remove();
      await there.remove();
      await database.drop();
    }
  },
);
