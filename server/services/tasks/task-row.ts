import type { tasks } from "../../../db/schema/index.ts";

/** A task as stored, and as every task event carries it. */
export type TaskRow = typeof tasks.$inferSelect;
