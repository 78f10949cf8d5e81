import { personClient, signIn } from "../support/sign-in.ts";
import { column, expect, test, watchForErrors } from "./fixtures.ts";

const guest = { email: "guest@example.test", password: "a long enough secret" };

test("an invited viewer sees everything, changes nothing, and is out the moment the account is disabled", async ({
  browser,
  page: adminPage,
  server,
  api,
}) => {
  const { id, tasks } = await api.workflows.create.mutate({ name: "Seen", tasks: [{ key: "a", name: "Look at me" }] });
  await adminPage.goto("/settings");
  const invited = await api.users.invite.mutate({ email: guest.email, name: "A guest", role: "viewer" });

  const context = await browser.newContext({ baseURL: server.url });
  const errors = watchForErrors(context);
  const page = await context.newPage();
  await page.goto(invited.link);
  await page.getByLabel("Your name").fill("A guest");
  const email = page.getByLabel("Email");
  if (await email.count()) await email.fill(guest.email);
  await page.getByLabel("Password").fill(guest.password);
  await page
    .getByRole("button")
    .filter({ hasText: /sign in/i })
    .first()
    .click();
  await page.waitForURL("**/dashboard");
  for (const path of ["/dashboard", "/workflows", "/agents", "/audit", "/suggestions", `/tasks/${tasks[0]?.id}`]) {
    const answer = await page.goto(path);
    expect([path, answer?.status()]).toEqual([path, 200]);
  }
  await page.goto(`/tasks?workflowId=${id}`);
  await expect(column(page, "Pending").getByRole("article", { name: "Look at me" })).toBeVisible();
  await expect(page.getByText("Move", { exact: true })).toHaveCount(0);
  const asGuest = personClient(server.url, await signIn(server.url, guest));
  await expect(asGuest.tasks.move.mutate({ id: tasks[0]?.id ?? "", status: "completed" })).rejects.toThrow("operator");

  await api.users.disable.mutate({ id: invited.user.id });
  await expect
    .poll(async () => {
      // The closed socket may be taking the page to the sign-in at this very moment.
      await page.goto("/tasks").catch(() => {});
      return new URL(page.url()).pathname;
    })
    .toBe("/login");
  await context.close();
  expect(errors).toEqual([]);
});
