import { afterAll, beforeAll, expect, test } from "bun:test";
import { eq } from "drizzle-orm";
import { auditLogs } from "../../../db/schema/index.ts";
import { createSuggestion } from "../suggestions/create.ts";
import { addTask, addWorkflow } from "../tasks/testing.ts";
import { type TestHost, testHost } from "../testing.ts";
import { removeComment, toggleResolved, updateComment } from "./change.ts";
import { createComment, createCommentInput } from "./create.ts";
import { listComments } from "./list.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

async function somewhere() {
  const workflow = await addWorkflow(host.db);
  return { workflow, task: await addTask(host.db, workflow.id, { name: "Read licences" }) };
}
const auditOf = (id: string) =>
  host.db.orm.select().from(auditLogs).where(eq(auditLogs.entityId, id)).orderBy(auditLogs.seq);
const eventsOf = (id: string) => host.announced.filter((event) => event.entityId === id);

test("a comment names its author, and is announced to those who follow the task and the workflow", async () => {
  const { workflow, task } = await somewhere();
  const person = await host.person();
  const comment = await createComment(person, { taskId: task.id, text: "Look at **this**" });
  expect(comment).toMatchObject({ authorType: "person", authorName: "Test operator", text: "Look at **this**" });
  const [audit] = await auditOf(comment.id);
  expect(audit).toMatchObject({ action: "created", taskId: task.id, workflowId: workflow.id });
  expect(audit?.entityLabel).toBe(`Comment on T-${task.number} Read licences`);
  expect(eventsOf(comment.id)).toMatchObject([{ type: "comment_added", taskId: task.id, workflowId: workflow.id }]);
});

test("people comment on workflows and suggestions too, agents on tasks, viewers nowhere", async () => {
  const { workflow, task } = await somewhere();
  const [person, viewer, agent] = [await host.person(), await host.person("viewer"), await host.agent()];
  const suggestion = await createSuggestion(agent, { taskId: task.id, action: "Accept MIT" });
  await createComment(person, { workflowId: workflow.id, text: "On the whole" });
  const onSuggestion = await createComment(person, { suggestionId: suggestion.id, text: "Why?" });
  expect(eventsOf(onSuggestion.id)).toMatchObject([{ taskId: task.id, workflowId: workflow.id }]);
  expect((await createComment(agent, { taskId: task.id, text: "Found it" })).authorType).toBe("agent");
  await expect(createComment(agent, { workflowId: workflow.id, text: "x" })).rejects.toThrow("on tasks only");
  await expect(createComment(viewer, { taskId: task.id, text: "x" })).rejects.toThrow("Viewers");
});

test("a comment names exactly one target, and has words", () => {
  const one = crypto.randomUUID();
  expect(createCommentInput.safeParse({ text: "x" }).error?.issues[0]?.message).toContain("exactly one");
  expect(createCommentInput.safeParse({ text: "x", taskId: one, workflowId: one }).success).toBe(false);
  expect(createCommentInput.safeParse({ text: "   ", taskId: one }).error?.issues[0]?.message).toContain("Write");
  expect(createCommentInput.safeParse({ text: "x".repeat(20_001), taskId: one }).success).toBe(false);
  expect(createCommentInput.safeParse({ text: "x", taskId: one, workflowId: "", parentId: "" }).success).toBe(true);
});

test("what is not there, or in the bin, takes no comments", async () => {
  const { task } = await somewhere();
  const person = await host.person();
  await host.db.query("update tasks set deleted_at = now() where id = $1", [task.id]);
  await expect(createComment(person, { taskId: task.id, text: "x" })).rejects.toThrow("no such task");
  const nothing = crypto.randomUUID();
  for (const target of [{ taskId: nothing }, { workflowId: nothing }, { suggestionId: nothing }]) {
    await expect(createComment(person, { ...target, text: "x" })).rejects.toThrow("no such");
  }
});

test("an answer stays with what it answers", async () => {
  const [here, there] = [await somewhere(), await somewhere()];
  const person = await host.person();
  const parent = await createComment(person, { taskId: here.task.id, text: "Question" });
  const answer = await createComment(person, { taskId: here.task.id, text: "Answer", parentId: parent.id });
  expect(answer.parentId).toBe(parent.id);
  await expect(
    createComment(person, { taskId: there.task.id, text: "Lost", parentId: parent.id }),
  ).rejects.toMatchObject({ fieldErrors: { parentId: [expect.stringContaining("not on the same page")] } });
});

test("only its author edits a comment; an admin may remove it, and a trace stays", async () => {
  const { task } = await somewhere();
  const [person, admin, agent] = [await host.person(), await host.person("admin"), await host.agent()];
  const comment = await createComment(person, { taskId: task.id, text: "Frist" });
  await expect(updateComment(admin, { id: comment.id, text: "x" })).rejects.toThrow("Only Test operator");
  await expect(removeComment(agent, { id: comment.id })).rejects.toThrow("or an admin");
  const edited = await updateComment(person, { id: comment.id, text: "First" });
  expect(edited).toMatchObject({ text: "First", revision: 2 });
  expect(edited.editedAt).toBeInstanceOf(Date);
  await updateComment(person, { id: comment.id, text: "First" });
  await removeComment(admin, { id: comment.id });
  await expect(updateComment(person, { id: comment.id, text: "again" })).rejects.toThrow("no such comment");
  const { items } = await listComments(person, { taskId: task.id, limit: 50 });
  expect(items).toMatchObject([{ id: comment.id, text: "", authorName: "Test operator" }]);
  expect(items[0]?.deletedAt).toBeInstanceOf(Date);
  expect((await auditOf(comment.id)).map((row) => `${row.action} by ${row.actorName}`)).toEqual([
    "created by Test operator",
    "edited by Test operator",
    "deleted by Test admin",
  ]);
  expect(eventsOf(comment.id).map((event) => event.type)).toEqual([
    "comment_added",
    "comment_update",
    "comment_deleted",
  ]);
});

test("a thread is resolved and opened again", async () => {
  const { task } = await somewhere();
  const person = await host.person();
  const comment = await createComment(person, { taskId: task.id, text: "Open question" });
  expect((await toggleResolved(person, { id: comment.id })).resolvedByName).toBe("Test operator");
  expect((await toggleResolved(person, { id: comment.id })).resolvedAt).toBeNull();
  expect((await auditOf(comment.id)).map((row) => row.action)).toEqual(["created", "resolved", "reopened"]);
});

test("the same idempotency key makes one comment, and pages follow each other oldest first", async () => {
  const { task } = await somewhere();
  const person = await host.person();
  const input = { taskId: task.id, text: "Once", idempotencyKey: "comment-once" };
  const first = await createComment(person, input);
  expect(await createComment(person, input)).toEqual(first);
  const second = await createComment(person, { taskId: task.id, text: "Twice" });
  const page = await listComments(person, { taskId: task.id, limit: 1 });
  expect(page.items.map((one) => one.id)).toEqual([first.id]);
  const next = await listComments(person, { taskId: task.id, limit: 1, cursor: page.nextCursor });
  expect(next).toMatchObject({ items: [{ id: second.id }], nextCursor: null });
});
