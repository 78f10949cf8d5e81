import { afterAll, beforeAll, expect, test } from "bun:test";
import { TRPCError } from "@trpc/server";
import { addTask, addWorkflow } from "../services/tasks/testing.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { createCaller } from "./caller.ts";
import type { RequestContext } from "./context.ts";
import { appRouter } from "./router.ts";

let host: TestHost;
let known: { workflowId: string; taskId: string };
beforeAll(async () => {
  host = await testHost();
  const workflow = await addWorkflow(host.db);
  known = { workflowId: workflow.id, taskId: (await addTask(host.db, workflow.id)).id };
});
afterAll(() => host.close());

const nul = "a\u0000b";
const long = "x".repeat(200_000);
const uuid = "01a205e6-fcec-72d1-b58f-96238047d604";

/** Values that people, forms and broken programs send. */
const garbage = (): unknown[] => [
  undefined,
  null,
  5,
  "text",
  [],
  {},
  { id: "nonsense" },
  { id: uuid, revision: -1 },
  { id: uuid, name: nul },
  { cursor: "@@@", limit: "many" },
  { cursor: "AAAA", limit: 1e9 },
  { cursor: Buffer.from('["a","b"]').toString("base64url"), status: "pending" },
  { cursor: Buffer.from("[1e99,null]").toString("base64url") },
  { search: nul },
  { search: "%_\\'\";--" },
  { search: long },
  { workflowId: uuid, name: "ok", dueDate: "2026-02-31" },
  { workflowId: known.workflowId, name: nul },
  { workflowId: known.workflowId, name: "ok", description: nul, input: { deep: nul } },
  { workflowId: known.workflowId, name: "ok", labels: [nul], requiredCapabilities: "UPPER case!" },
  { workflowId: known.workflowId, name: "ok", priority: "urgent", maxAttempts: 1e12, timeoutSeconds: -5 },
  { workflowId: known.workflowId, name: "ok", queueTtlSeconds: 1e12 },
  { id: known.taskId, queueTtlSeconds: 0.5 },
  { workflowId: known.workflowId, name: "ok", idempotencyKey: nul },
  { taskId: known.taskId, text: nul },
  { taskId: known.taskId, text: long },
  { taskId: known.taskId, workflowId: known.workflowId, text: "two targets" },
  { taskId: known.taskId, action: nul, confidence: 85 },
  { taskId: known.taskId, action: "ok", confidence: Number.NaN },
  { taskId: known.taskId, action: "ok", reasoning: nul, effect: { kind: "no such" } },
  { id: known.taskId, status: "in_progress", beforeId: uuid, afterId: "T-1" },
  { id: known.taskId, agentId: uuid },
  { id: known.taskId, reason: nul, note: nul },
  { id: "T-999999999" },
  { id: "W-2147483648" },
  { name: nul, tasks: [{ key: "a", name: "A", dependsOn: ["a"] }] },
  { name: "ok", tasks: [{ key: nul, name: nul }] },
  { email: nul, name: nul, role: "owner" },
  { name: nul, capabilities: [nul], maxConcurrent: 0 },
  {
    runId: uuid,
    leaseToken: uuid,
    percent: 1000,
    error: nul,
    entries: [{ text: nul }],
    name: nul,
    mime: "x",
    content: nul,
  },
  { runId: uuid, leaseToken: uuid, result: { nul }, summary: nul },
  { runs: [{ runId: "x" }], version: nul },
  { max: 1e9, waitMs: -1 },
  { window: "century" },
  { from: "yesterday", to: "2026-13-01" },
  { from: "0001-01-01", to: "9999-12-31T23:59:59Z", action: nul, actorId: "x" },
  { due: "someday", today: "never", sort: "random" },
  JSON.parse('{"__proto__": {"isAdmin": true}, "id": "x"}'),
];

for (const who of ["admin", "agent"] as const) {
  test(`no procedure answers bad input by ${who === "admin" ? "an admin" : "an agent"} with a fault`, async () => {
    const actor = who === "admin" ? (await host.person("admin")).actor : (await host.agent()).actor;
    const api = createCaller({ ...host, actor, requestId: "test", log, system });
    const faults: string[] = [];
    for (const path of Object.keys(appRouter._def.procedures)) {
      for (const input of garbage()) {
        const fault = await faultOf(api, path, input);
        if (fault) faults.push(`${path}(${JSON.stringify(input)?.slice(0, 120)}): ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
}

/** The message of an answer that blames the server; nothing when the input was taken, or refused for what it is. */
async function faultOf(api: object, path: string, input: unknown): Promise<string | undefined> {
  const call = path.split(".").reduce((at, key) => at[key as keyof typeof at], api) as unknown as (
    input: unknown,
  ) => Promise<unknown>;
  try {
    await call(input);
    return undefined;
  } catch (error) {
    const isFault = !(error instanceof TRPCError) || error.code === "INTERNAL_SERVER_ERROR";
    return isFault ? String(error) : undefined;
  }
}

const system: RequestContext["system"] = {
  info: { version: "0", instance: "test", startedAt: new Date(), database: "pglite", bus: "memory" },
  health: async () => ({
    status: "ok",
    database: { ok: true, latencyMs: 0 },
    bus: { ok: true },
    migrations: { ok: true },
    draining: false,
    eventLag: 0,
  }),
};

const log: RequestContext["log"] = {
  cursor: async () => "0",
  stream: async function* () {},
  close: async () => {},
};
