import type { AppCaller } from "../../server/trpc/caller.ts";
import type { Run } from "./api-types.ts";

const shown = 100;

/** The end of a run's log. Its lines are numbered from 1 without gaps, so the cursor to start from is known. */
export async function lastLines(api: AppCaller, run: Run | undefined) {
  if (!run) return [];
  const { items } = await api.runs.logs({
    runId: run.id,
    cursor: String(Math.max(0, run.logCount - shown)),
    limit: shown,
  });
  return items;
}
