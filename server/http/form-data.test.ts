import { expect, test } from "bun:test";
import { nestedOf, textsOf } from "./form-data.ts";

function form(...fields: [string, string][]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

test("names with dots and numbers nest", () => {
  const fields = form(["name", "Intake"], ["tasks[0].key", "read"], ["tasks[1].key", "sum"], ["effect.kind", "retry"]);
  expect(nestedOf(fields)).toEqual({
    name: "Intake",
    tasks: [{ key: "read" }, { key: "sum" }],
    effect: { kind: "retry" },
  });
  expect(nestedOf(form(["tasks.0.name", "a"]))).toEqual({ tasks: [{ name: "a" }] });
});

test("repeated names and names with brackets are lists", () => {
  expect(nestedOf(form(["ids", "1"], ["ids", "2"], ["labels[]", "legal"]))).toEqual({
    ids: ["1", "2"],
    labels: ["legal"],
  });
});

test("an empty field stays: only the schema knows what it means", () => {
  expect(nestedOf(form(["dueDate", ""]))).toEqual({ dueDate: "" });
});

test("names that reach for an object's insides are left out", () => {
  const fields = form(["__proto__.isAdmin", "true"], ["constructor.prototype.x", "1"], ["a.__proto__.b", "2"]);
  expect(nestedOf(fields)).toEqual({});
  expect(Object.prototype).not.toHaveProperty("isAdmin");
});

test("names that nest without end or count without end are left out", () => {
  expect(nestedOf(form(["a.b.c.d.e.f.g", "1"], ["list[999999999]", "1"]))).toEqual({ list: [] });
});

test("a value where an object belongs does not break the rest", () => {
  expect(nestedOf(form(["a", "text"], ["a.b", "1"], ["c", "2"]))).toEqual({ a: { b: "1" }, c: "2" });
});

test("what fills the form again holds no secrets and no files", () => {
  const fields = form(["name", "Ann"], ["password", "three plain words"], ["token", "abc"]);
  fields.append("file", new File(["x"], "x.txt"));
  expect(textsOf(fields)).toEqual({ name: "Ann" });
});
