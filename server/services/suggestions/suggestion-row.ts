import type { suggestions } from "../../../db/schema/index.ts";

/** A suggestion as stored, and as every suggestion event carries it. */
export type SuggestionRow = typeof suggestions.$inferSelect;
