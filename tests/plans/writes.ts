import { heartbeat } from "../../server/services/agents/heartbeat.ts";
import type { AgentCtx } from "../../server/services/context.ts";
import { completeRun } from "../../server/services/runs/complete.ts";
import { failRun } from "../../server/services/runs/give-up.ts";
import { expireSuggestions } from "../../server/services/suggestions/expire.ts";
import { type Claim, claimTasks } from "../../server/services/tasks/claim.ts";
import { rollUp, rollUpChanged } from "../../server/services/workflows/roll-up.ts";
import { ageQueue } from "../../server/workers/ageing.ts";
import { watchAgents } from "../../server/workers/agent-status.ts";
import { timeOutQueue } from "../../server/workers/queue-time-out.ts";
import { reapRuns } from "../../server/workers/reaper.ts";
import { prune } from "../../server/workers/retention.ts";
import type { Samples } from "./samples.ts";

interface Case {
  name: string;
  run(agent: AgentCtx, of: Samples): Promise<unknown>;
  uses: string[];
}

const leaseOf = ({ run }: Claim) => ({ runId: run.id, leaseToken: run.leaseToken });

export const writes: Case[] = [
  {
    name: "a claim, a heartbeat and a completion",
    uses: ["idx_tasks_claim", "idx_task_runs_live_agent", "tasks_pkey", "task_runs_pkey"],
    async run(agent) {
      const [claim] = await claimTasks(agent, { max: 1, waitMs: 0 });
      if (!claim) throw new Error("Nothing could be claimed");
      await heartbeat(agent, { runs: [leaseOf(claim)], ack: [] });
      await completeRun(agent, { ...leaseOf(claim), claimNext: true });
    },
  },
  {
    name: "a claim in one workflow, and its failure",
    uses: ["idx_tasks_claim"],
    async run(agent, { largeWorkflow }) {
      const [claim] = await claimTasks(agent, { max: 1, waitMs: 0, workflowId: largeWorkflow });
      if (!claim) throw new Error("Nothing could be claimed");
      await failRun(agent, { ...leaseOf(claim), error: "No", retryable: false });
    },
  },
  {
    name: "the roll-up of a large workflow",
    uses: ["idx_tasks_workflow_id"],
    run: (agent, { largeWorkflow }) => rollUp(agent, largeWorkflow),
  },
  { name: "the roll-up of what changed", uses: ["idx_tasks_updated_at"], run: rollUpChanged },
  { name: "the agents' records", uses: ["idx_task_runs_ended_at"], run: watchAgents },
  { name: "the reaper", uses: ["idx_task_runs_lease"], run: reapRuns },
  { name: "ageing", uses: [], run: ageQueue },
  { name: "the queue time-out", uses: ["idx_tasks_queue_expires_at"], run: timeOutQueue },
  { name: "the expiry of suggestions", uses: ["idx_suggestions_status"], run: expireSuggestions },
  { name: "retention", uses: ["events_pkey"], run: ({ db }) => prune(db, 45_000) },
];
