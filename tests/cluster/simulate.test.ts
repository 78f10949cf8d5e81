import { afterAll, expect, test } from "bun:test";
import { ownFactory } from "../../scripts/simulate/factory.ts";
import { readOptions } from "../../scripts/simulate/options.ts";
import { profileNames } from "../../scripts/simulate/profiles.ts";
import { selfCheck } from "../../scripts/simulate/self-check.ts";
import { simulate } from "../../scripts/simulate/simulate.ts";

const factory = await ownFactory({ LEASE_SECONDS: "2", SWEEP_SECONDS: "1" });
afterAll(factory.close);

test("agents of every kind, honest and not, leave records that agree with what they were told", async () => {
  const options = { agents: profileNames.length, profile: "mixed", seed: 13, load: { tasks: 20, seconds: 0 } } as const;
  const { tap, agents, verdict } = await simulate(factory, options, { signal: new AbortController().signal });
  expect(verdict.violations).toEqual([]);
  expect(verdict.tasks).toBe(20);
  expect([...agents.keys()].sort()).toEqual(profileNames.toSorted());
  expect([...tap.byProfile].filter(([, count]) => count.claims === 0)).toEqual([]);
  expect([...tap.errors]).toEqual([]);
  // Otherwise this would have tried nothing.
  expect(tap.ledger.refusals.length).toBeGreaterThan(0);
  expect(tap.ledger.claims.size).toBeGreaterThan(verdict.byStatus.completed ?? 0);

  const { ledger } = tap;
  const [first, second] = ledger.completions;
  if (!first || !second) throw new Error("At least two tasks are completed");
  ledger.created(crypto.randomUUID(), "Never made", []);
  ledger.completed("somebody", { runId: first.runId, taskId: second.taskId, result: second.result });
  ledger.completed("somebody", { runId: first.runId, taskId: first.taskId, result: "another" });
  ledger.refused({ runId: first.runId, agent: "somebody", reason: "terminal" });
  const { violations } = await selfCheck(factory.api, ledger);
  for (const told of [
    "Never made was acknowledged and is gone",
    "was completed by somebody, acknowledged; the run is",
    "was completed by somebody, acknowledged, and has another result",
    "refused the report of somebody (terminal), although its run is succeeded",
  ]) {
    expect(violations.join("\n")).toContain(told);
  }
  expect(violations).toHaveLength(4);
}, 60_000);

test("options that make no sense are refused with what to do", () => {
  expect(() => readOptions(["--agents", "0", "--profile", "lazy"], {})).toThrow(
    /--agents must be.*\n--profile must be/,
  );
  expect(() => readOptions(["--tasks", "5", "--rate", "1", "--seconds", "2"], {})).toThrow("Give two of");
  expect(() => readOptions(["--url", "http://127.0.0.1:3000"], {})).toThrow("--admin-email");
  expect(() => readOptions(["--colour", "red"], {})).toThrow("--colour");
  expect(readOptions(["--rate", "4", "--seconds", "10"], {}).load).toEqual({ tasks: 40, seconds: 10 });
});
