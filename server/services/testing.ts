import type { Role } from "../../db/enums.ts";
import { agents, agentTokens, users } from "../../db/schema/index.ts";
import { testDatabase } from "../../db/testing.ts";
import type { StoredEvent } from "../realtime/events.ts";
import { Renewals } from "./agents/renewals.ts";
import { createBackground } from "./background.ts";
import { Calls } from "./calls.ts";
import type { AgentCtx, Host, PersonCtx } from "./context.ts";
import { Presence } from "./presence.ts";
import { ClaimFloors } from "./tasks/claim-floor.ts";
import { wakeFor } from "./wake.ts";
import { WorkSignal } from "./work-signal.ts";

export interface TestHost extends Host {
  /** What was announced so far, oldest first. */
  announced: StoredEvent[];
  /** A signed-in person of this role, one per role. */
  person(role?: Role): Promise<PersonCtx>;
  /** A registered agent, seen just now. */
  agent(name?: string, capabilities?: string[], maxConcurrent?: number): Promise<AgentCtx>;
  close(): Promise<void>;
}

/** A host on a database of its own, for the tests of services. Errors of background work fail the test that closes it. */
export async function testHost(): Promise<TestHost> {
  const db = await testDatabase();
  const errors: unknown[] = [];
  const announced: StoredEvent[] = [];
  const people = new Map<Role, PersonCtx>();
  const host: Host = {
    db,
    work: new WorkSignal(),
    floors: new ClaimFloors(),
    decisions: new WorkSignal(),
    calls: new Calls(),
    presence: new Presence(),
    renewals: new Renewals(),
    config: { leaseSeconds: 60, agentOfflineSeconds: 45 },
    background: createBackground((_name, error) => errors.push(error)),
    announce: (events) => {
      announced.push(...events);
      for (const event of events) wakeFor(host, event);
    },
  };
  return {
    ...host,
    announced,
    async person(role = "operator") {
      const known = people.get(role);
      if (known) return known;
      const name = `Test ${role}`;
      const [user] = await db.orm
        .insert(users)
        .values({ name, email: `${role}@example.test`, role })
        .returning();
      if (!user) throw new Error("An insert answers with its row");
      const ctx: PersonCtx = { ...host, actor: { type: "person", id: user.id, name, role }, requestId: "test" };
      people.set(role, ctx);
      return ctx;
    },
    async agent(name = `agent-${crypto.randomUUID().slice(0, 8)}`, capabilities = [], maxConcurrent = 1) {
      const [agent] = await db.orm
        .insert(agents)
        .values({ name, capabilities, maxConcurrent, lastSeen: new Date(), status: "online" })
        .returning();
      if (!agent) throw new Error("An insert answers with its row");
      const token = { agentId: agent.id, prefix: "wfd_test", hash: crypto.randomUUID() };
      const [row] = await db.orm.insert(agentTokens).values(token).returning();
      const actor = { type: "agent" as const, id: agent.id, name, tokenId: row?.id ?? "" };
      return { ...host, work: host.work.of(agent.id), actor, requestId: "test" };
    },
    async close() {
      await host.background.drain();
      await db.close();
      if (errors.length > 0) throw errors[0];
    },
  };
}
