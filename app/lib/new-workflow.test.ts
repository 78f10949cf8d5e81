import { expect, test } from "bun:test";
import { errorsAtRows, workflowFields } from "./new-workflow.server.ts";

test("the rows of a new workflow become tasks with keys, without the empty ones", () => {
  const form = new FormData();
  for (const [name, value] of Object.entries({
    name: "Sample",
    rows: "3",
    "tasks[0].name": "First",
    "tasks[0].priority": "high",
    "tasks[1].name": "  ",
    "tasks[2].name": "Last",
    "tasks[2].waitsFor": "1, 2",
  })) {
    form.set(name, value);
  }
  expect(Object.fromEntries(workflowFields(form))).toEqual({
    name: "Sample",
    "tasks[0].key": "1",
    "tasks[0].name": "First",
    "tasks[0].priority": "high",
    "tasks[1].key": "3",
    "tasks[1].name": "Last",
    "tasks[1].dependsOn[0]": "1",
    "tasks[1].dependsOn[1]": "2",
  });
  expect(errorsAtRows(form, { name: ["x"], "tasks[1].dueDate": ["y"] })).toEqual({
    name: ["x"],
    "tasks[2].dueDate": ["y"],
  });
});
