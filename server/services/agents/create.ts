import { z } from "zod";
import { agents, agentTokens } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { mutate } from "../mutate.ts";
import type { AgentRow } from "./agent-row.ts";
import { nameTaken, recordAgent } from "./change.ts";
import { agentFields } from "./fields.ts";
import { newToken } from "./token.ts";

export const createAgentInput = z.object({
  name: agentFields.name,
  description: agentFields.description.optional(),
  capabilities: agentFields.capabilities.default([]),
  maxConcurrent: agentFields.maxConcurrent.default(1),
});

export interface AgentWithToken {
  agent: AgentRow;
  /** Shown this once; only its hash is kept. */
  token: string;
}

/**
 * Registers an agent with its first token. Takes no idempotency key, since a repeat could only be answered from a token
 * kept in the database: the name, which is unique, tells a repeat.
 */
export function createAgent(ctx: Ctx, input: z.output<typeof createAgentInput>): Promise<AgentWithToken> {
  const { token, prefix, hash } = newToken();
  return mutate(ctx, async (tx, record) => {
    const [agent] = await tx.orm
      .insert(agents)
      .values({
        ...input,
        createdByType: ctx.actor.type,
        createdById: ctx.actor.id,
        createdByName: ctx.actor.name,
      })
      .onConflictDoNothing()
      .returning();
    if (!agent) throw nameTaken(input.name);
    await tx.orm.insert(agentTokens).values({ agentId: agent.id, prefix, hash });
    recordAgent(record, {
      agent,
      before: null,
      action: "created",
      event: "agent_created",
      also: { after: { tokenPrefix: prefix } },
    });
    return { agent, token };
  });
}
