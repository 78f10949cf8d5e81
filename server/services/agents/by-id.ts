import { z } from "zod";
import type { AgentCtx, Ctx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { id } from "../inputs.ts";
import { Where } from "../where.ts";
import { type AgentListItem, readAgents } from "./list.ts";

export const agentId = z.object({ id });

/** One agent, archived or not, as the list has it. */
export async function readAgent(ctx: Ctx, input: z.output<typeof agentId>): Promise<AgentListItem> {
  const [agent] = await readAgents(ctx, new Where().on(input.id, "a.id = $"), { limit: 1 });
  if (!agent) throw new NotFound("agent");
  return agent;
}

/** The agent that asks. */
export const readMe = (ctx: AgentCtx): Promise<AgentListItem> => readAgent(ctx, { id: ctx.actor.id });
