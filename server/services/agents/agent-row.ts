import type { agents } from "../../../db/schema/index.ts";

/** An agent as stored, and as every agent event carries it. */
export type AgentRow = typeof agents.$inferSelect;
