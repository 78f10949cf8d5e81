import { afterAll, beforeAll, expect, test } from "bun:test";
import type { TRPCError } from "@trpc/server";
import type { Actor } from "../services/context.ts";
import { type TestHost, testHost } from "../services/testing.ts";
import { createCaller } from "./caller.ts";
import type { RequestContext } from "./context.ts";
import { appRouter } from "./router.ts";

/** Who may call what. A procedure that is not named here fails the test below: say who it is for first. */
const whoMayCall = {
  everyone: ["session.me"],
  members: [
    "agents.byId",
    "agents.list",
    "agents.metrics",
    "agents.runs",
    "audit.list",
    "comments.create",
    "comments.list",
    "comments.remove",
    "comments.update",
    "dashboard.series",
    "dashboard.summary",
    "events.stream",
    "runs.artifactById",
    "runs.byTask",
    "runs.logs",
    "suggestions.byId",
    "suggestions.list",
    "suggestions.pendingCount",
    "system.health",
    "system.info",
    "tasks.board",
    "tasks.byId",
    "tasks.column",
    "tasks.explain",
    "tasks.list",
    "workflows.byId",
    "workflows.graph",
    "workflows.list",
  ],
  agent: [
    "agents.heartbeat",
    "agents.me",
    "runs.artifact",
    "runs.complete",
    "runs.fail",
    "runs.log",
    "runs.progress",
    "runs.release",
    "suggestions.create",
    "suggestions.wait",
    "suggestions.withdraw",
    "tasks.claim",
  ],
  viewer: ["audit.verify"],
  operator: [
    "comments.resolve",
    "suggestions.approve",
    "suggestions.reject",
    "suggestions.requestChanges",
    "tasks.assign",
    "tasks.cancel",
    "tasks.create",
    "tasks.move",
    "tasks.remove",
    "tasks.restore",
    "tasks.retry",
    "tasks.update",
    "workflows.cancel",
    "workflows.create",
    "workflows.pause",
    "workflows.remove",
    "workflows.restore",
    "workflows.resume",
    "workflows.retry",
    "workflows.update",
  ],
  admin: [
    "agents.archive",
    "agents.create",
    "agents.drain",
    "agents.pause",
    "agents.resume",
    "agents.rotateToken",
    "agents.tokens",
    "agents.update",
    "users.disable",
    "users.enable",
    "users.invite",
    "users.list",
    "users.newLink",
    "users.setRole",
  ],
} as const;

type Who = keyof typeof whoMayCall;
const callers = ["nobody", "viewer", "operator", "admin", "agent"] as const;
const allowed: Record<Who, readonly (typeof callers)[number][]> = {
  everyone: callers,
  members: ["viewer", "operator", "admin", "agent"],
  agent: ["agent"],
  viewer: ["viewer", "operator", "admin"],
  operator: ["operator", "admin"],
  admin: ["admin"],
};

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

test("every procedure says who may call it, and the table above agrees", () => {
  // tRPC types the record as the nested router; at run time it is flat, by path.
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { who: Who } } }>;
  const stated = Object.entries(procedures).map(([path, procedure]) => `${procedure._def.meta?.who} ${path}`);
  const listed = Object.entries(whoMayCall).flatMap(([who, paths]) => paths.map((path) => `${who} ${path}`));
  expect(stated.toSorted()).toEqual(listed.toSorted());
});

async function actorOf(caller: (typeof callers)[number]): Promise<Actor | null> {
  if (caller === "nobody") return null;
  if (caller === "agent") return (await host.agent()).actor;
  return (await host.person(caller)).actor;
}

for (const caller of callers) {
  test(`${caller} is let in and kept out as the table says`, async () => {
    const actor = await actorOf(caller);
    const api = createCaller({ ...host, actor, requestId: "test", log: emptyLog, system });
    for (const [who, paths] of Object.entries(whoMayCall)) {
      const isAllowed = allowed[who as Who].includes(caller);
      for (const path of paths) {
        expect([path, await isLetIn(api, path)]).toEqual([path, isAllowed]);
      }
    }
  });
}

/** Calls with an input that no schema takes: who is let in fails on that, or not at all; who is kept out, before. */
async function isLetIn(api: object, path: string): Promise<boolean> {
  const call = path.split(".").reduce((at, key) => at[key as keyof typeof at], api) as unknown as (
    input: unknown,
  ) => Promise<unknown>;
  try {
    await call({ "no such field": true });
    return true;
  } catch (error) {
    const { code } = error as TRPCError;
    return code !== "UNAUTHORIZED" && code !== "FORBIDDEN";
  }
}

const system: RequestContext["system"] = {
  info: { version: "0", instance: "test", startedAt: new Date(), database: "pglite", bus: "memory" },
  health: async () => {
    throw new Error("Nobody looks at the health in this test");
  },
};

const emptyLog: RequestContext["log"] = {
  cursor: async () => "0",
  stream: async function* () {},
  close: async () => {},
};
