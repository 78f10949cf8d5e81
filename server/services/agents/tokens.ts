import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { agentTokens } from "../../../db/schema/index.ts";
import type { Ctx } from "../context.ts";
import { id } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import type { agentId } from "./by-id.ts";
import { changeAgent } from "./change.ts";
import type { AgentWithToken } from "./create.ts";
import { lockAgent } from "./find.ts";
import { newToken } from "./token.ts";

export type AgentToken = Omit<typeof agentTokens.$inferSelect, "hash">;

/** An agent's tokens, newest first, as far as they may be known: not the tokens themselves. */
export async function listTokens(ctx: Ctx, input: z.output<typeof agentId>): Promise<AgentToken[]> {
  const rows = await ctx.db.query<object>(
    `select id, agent_id, prefix, expires_at, last_used_at, revoked_at, created_at
     from agent_tokens where agent_id = $1 order by id desc`,
    [input.id],
  );
  return rows.map((row) => camelCased<AgentToken>(row));
}

export const rotateTokenInput = z.object({
  id,
  /** How long the old tokens still work; without it they end at once. */
  overlapMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .max(7 * 24 * 60, "At most seven days.")
    .default(0),
});

/** Gives the agent a new token, shown this once, and ends the old ones. */
export function rotateToken(ctx: Ctx, input: z.output<typeof rotateTokenInput>): Promise<AgentWithToken> {
  const { token, prefix, hash } = newToken();
  return mutate(ctx, async (tx, record) => {
    const before = await lockAgent(tx, input.id);
    await endTokens(tx, input.id, input.overlapMinutes);
    await tx.orm.insert(agentTokens).values({ agentId: input.id, prefix, hash });
    const reason =
      input.overlapMinutes > 0
        ? `New token ${prefix}…; the old one works for ${input.overlapMinutes} minutes more`
        : `New token ${prefix}…`;
    const agent = await changeAgent(tx, record, before, { action: "token_rotated", fields: {}, reason });
    return { agent, token };
  });
}

/** Ends an agent's tokens: at once, or after an overlap in which the old ones still work. */
export async function endTokens(tx: Connection, agentId: string, overlapMinutes = 0): Promise<void> {
  if (overlapMinutes === 0) {
    await tx.query("update agent_tokens set revoked_at = now() where agent_id = $1 and revoked_at is null", [agentId]);
    return;
  }
  await tx.query(
    `update agent_tokens set expires_at = least(expires_at, now() + make_interval(mins => $2))
     where agent_id = $1 and revoked_at is null`,
    [agentId, overlapMinutes],
  );
}
