import { expect, test } from "bun:test";
import { hashPassword, passwordProblem, verifyPassword } from "./passwords.ts";

test.each([
  ["short", "at least 10"],
  ["aaaaaaaaaaaaaaa", "different characters"],
  ["Password123!", "first that are guessed"],
  ["1234567890", "first that are guessed"],
  ["ann@example.org", "not your name or address"],
])("%s is refused", (password, why) => {
  expect(passwordProblem(password, { name: "Ann", email: "ann@example.org" })).toContain(why);
});

test("a few words will do, spaces and any script included", () => {
  expect(passwordProblem("three plain words")).toBeUndefined();
  expect(passwordProblem("три простых слова")).toBeUndefined();
});

test("passwords are kept as argon2id hashes, whatever characters they have", async () => {
  const password = `${"long ".repeat(20)}\u0000 ünïcode`;
  const hash = await hashPassword(password);
  expect(hash).toStartWith("$argon2id$");
  expect(await verifyPassword({ hash, password })).toBe(true);
  expect(await verifyPassword({ hash, password: password.slice(0, -1) })).toBe(false);
});
