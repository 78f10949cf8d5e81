import { users } from "../../db/schema/index.ts";
import { agentTokens } from "../../server/auth/agent-token.ts";
import { createComment } from "../../server/services/comments/create.ts";
import { type AgentCtx, asSystem, type Host, type PersonCtx } from "../../server/services/context.ts";
import { mutate } from "../../server/services/mutate.ts";
import { appendLog } from "../../server/services/runs/log.ts";
import { claimTasks } from "../../server/services/tasks/claim.ts";
import { actorOf, readPerson, recordPerson } from "../../server/services/users/person.ts";
import type { CastName } from "../cast.ts";

/** Where sample histories are played, through the same services that real agents and people use. */
export interface Stage {
  host: Host;
  /** Decides and comments in the histories. Has no password, so nobody can sign in as this person. */
  person: PersonCtx;
  /** Claims the next task of the workflow for the agent and writes the log's lines. */
  takeUp(agent: CastName, workflowId: string, lines: string[]): Promise<Held>;
  say(taskId: string, text: string): Promise<unknown>;
}

/** A task in a sample agent's hands. */
export interface Held {
  agent: AgentCtx;
  taskId: string;
  lease: { runId: string; leaseToken: string };
}

export async function createStage(host: Host, tokens: Record<string, string>): Promise<Stage> {
  const agentOf = agentTokens(host.db);
  const person = await samplePerson(host);
  return {
    host,
    person,
    async takeUp(name, workflowId, lines) {
      const actor = await agentOf(tokens[name] ?? "");
      if (!actor) throw new Error(`The sample agent ${name} has no token`);
      const agent = { ...host, actor, requestId: "sample-factory" };
      const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId });
      if (!claim) throw new Error(`There was no task for ${name} in its sample workflow`);
      const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };
      await appendLog(agent, { ...lease, entries: lines.map((text) => ({ level: "info", text })) });
      return { agent, taskId: claim.task.id, lease };
    },
    say: (taskId, text) => createComment(person, { taskId, text }),
  };
}

async function samplePerson(host: Host): Promise<PersonCtx> {
  const person = await mutate(asSystem(host, "sample-factory"), async (tx, record) => {
    const email = "sample-operator@example.com";
    await tx.orm.insert(users).values({ name: "Sample operator", email, role: "operator" }).onConflictDoNothing();
    const [row] = await tx.query<{ id: string }>("select id from users where email = $1", [email]);
    if (!row) throw new Error("An inserted person is there");
    const person = await readPerson(tx, row.id);
    recordPerson(record, "created", { before: null, after: person });
    return person;
  });
  return { ...host, actor: actorOf(person), requestId: "sample-factory" };
}
