import { expect, test } from "bun:test";
import { TooMany } from "../services/errors.ts";
import { Attempts } from "./attempts.ts";

test("ten failures from one place close an account to that place for a while, and to no other", () => {
  let now = 0;
  const attempts = new Attempts(() => now);
  for (let i = 0; i < 10; i++) {
    attempts.check("ann@example.org", "192.0.2.1");
    attempts.failed("ann@example.org", "192.0.2.1");
  }
  expect(() => attempts.check("Ann@example.org", "192.0.2.1")).toThrow(TooMany);
  attempts.check("ann@example.org", "198.51.100.7");
  now += 16 * 60 * 1000;
  attempts.check("ann@example.org", "192.0.2.1");
});

test("one place that tries many accounts is stopped, whichever of its IPv6 addresses it uses", () => {
  const attempts = new Attempts(() => 0);
  for (let i = 0; i < 50; i++) attempts.failed(`user${i}@example.org`, `2001:db8:1:2::${i}`);
  expect(() => attempts.check("ann@example.org", "2001:db8:1:2::ffff")).toThrow(TooMany);
  attempts.check("ann@example.org", "2001:db8:1:3::1");
});

test("a sign-in that works clears the count", () => {
  const attempts = new Attempts(() => 0);
  for (let i = 0; i < 9; i++) attempts.failed("ann@example.org", "192.0.2.1");
  attempts.succeeded("ann@example.org", "192.0.2.1");
  attempts.failed("ann@example.org", "192.0.2.1");
  attempts.check("ann@example.org", "192.0.2.1");
});
