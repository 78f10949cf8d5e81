import { z } from "zod";
import type { Ctx } from "../context.ts";
import { id } from "../inputs.ts";
import { mutate } from "../mutate.ts";
import type { AgentRow } from "./agent-row.ts";
import { changeAgent, refuseTakenName } from "./change.ts";
import { agentFields } from "./fields.ts";
import { lockAgent } from "./find.ts";

export const updateAgentInput = z.object({
  id,
  name: agentFields.name.optional(),
  description: agentFields.description.optional(),
  capabilities: agentFields.capabilities.optional(),
  maxConcurrent: agentFields.maxConcurrent.optional(),
});

/**
 * Changes what is said about an agent; fields that are left out stay. Takes no revision: an agent's counts its coming and
 * going too, which must not make a person's form stale.
 */
export function updateAgent(ctx: Ctx, input: z.output<typeof updateAgentInput>): Promise<AgentRow> {
  const { id, ...fields } = input;
  return mutate(ctx, async (tx, record) => {
    const before = await lockAgent(tx, id);
    if (fields.name) await refuseTakenName(tx, fields.name, id);
    const isSame = (Object.keys(fields) as (keyof typeof fields)[]).every(
      (key) => fields[key] === undefined || JSON.stringify(fields[key]) === JSON.stringify(before[key]),
    );
    if (isSame) {
      record.nothing();
      return before;
    }
    return changeAgent(tx, record, before, { action: "updated", fields });
  });
}
