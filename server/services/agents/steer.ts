import type { z } from "zod";
import type { DesiredState } from "../../../db/enums.ts";
import type { Ctx } from "../context.ts";
import { mutate } from "../mutate.ts";
import type { AgentRow } from "./agent-row.ts";
import type { agentId } from "./by-id.ts";
import { changeAgent } from "./change.ts";
import { lockAgent } from "./find.ts";

type Input = z.output<typeof agentId>;

/** Gives the agent no new work. Its runs go on. */
export const pauseAgent = (ctx: Ctx, input: Input) => steer(ctx, input, "paused", "paused");
/** Lets the agent claim again. */
export const resumeAgent = (ctx: Ctx, input: Input) => steer(ctx, input, "active", "resumed");
/** Lets the agent finish what it has and gives it nothing new, so that it can be stopped. */
export const drainAgent = (ctx: Ctx, input: Input) => steer(ctx, input, "draining", "drained");

function steer(ctx: Ctx, { id }: Input, desiredState: DesiredState, action: string): Promise<AgentRow> {
  return mutate(ctx, async (tx, record) => {
    const before = await lockAgent(tx, id);
    if (before.desiredState === desiredState) {
      record.nothing();
      return before;
    }
    return changeAgent(tx, record, before, { action, fields: { desiredState } });
  });
}
