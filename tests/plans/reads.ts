import { pagesOf } from "../../server/realtime/replay.ts";
import { listAgents, listAgentsInput } from "../../server/services/agents/list.ts";
import { readAgentMetrics } from "../../server/services/agents/metrics.ts";
import { listAgentRuns } from "../../server/services/agents/runs.ts";
import { listAudit, listAuditInput } from "../../server/services/audit/list.ts";
import type { Ctx } from "../../server/services/context.ts";
import { readSeries } from "../../server/services/dashboard/series.ts";
import { summarise } from "../../server/services/dashboard/summary.ts";
import { runsByTask } from "../../server/services/runs/by-task.ts";
import { listSuggestions, listSuggestionsInput } from "../../server/services/suggestions/list.ts";
import { countPendingSuggestions } from "../../server/services/suggestions/pending-count.ts";
import { boardInput, columnInput, readBoard, readColumn } from "../../server/services/tasks/board.ts";
import { readTask } from "../../server/services/tasks/by-id.ts";
import { explainTask } from "../../server/services/tasks/explain.ts";
import { listTasks, listTasksInput } from "../../server/services/tasks/list.ts";
import { readWorkflow } from "../../server/services/workflows/by-id.ts";
import { listWorkflows, listWorkflowsInput } from "../../server/services/workflows/list.ts";
import type { Samples } from "./samples.ts";

export interface Case {
  name: string;
  run(ctx: Ctx, of: Samples): Promise<unknown>;
  /** The indexes that must be among those its statements use. */
  uses: string[];
  /** Reads a span of time, as much as happened in it: only what it is found by is asserted. */
  isSpan?: true;
}

type Input = (of: Samples) => Record<string, unknown>;

/** What tasks can be narrowed to, and the index that finds them where they are few. */
const filters: Record<string, { input: Input; uses?: string }> = {
  "no filter": { input: () => ({}) },
  "a large workflow": { input: (of) => ({ workflowId: of.largeWorkflow }), uses: "idx_tasks_workflow_id" },
  "a small workflow": { input: (of) => ({ workflowId: of.smallWorkflow }), uses: "idx_tasks_workflow_id" },
  "an agent": { input: (of) => ({ agentId: of.agent }), uses: "idx_tasks_agent_id" },
  "high priority": { input: () => ({ priority: "high" }) },
  "a common label": { input: () => ({ label: "common" }) },
  "a rare label": { input: () => ({ label: "rare" }), uses: "idx_tasks_labels" },
  "a label that nothing has": { input: () => ({ label: "nothing" }), uses: "idx_tasks_labels" },
  overdue: { input: () => ({ due: "overdue" }), uses: "idx_tasks_due_date" },
  "due today": { input: () => ({ due: "today" }), uses: "idx_tasks_due_date" },
  "due this week": { input: () => ({ due: "week" }), uses: "idx_tasks_due_date" },
  "a common word": { input: () => ({ search: "licences" }) },
  "a rare word": { input: () => ({ search: "777777" }), uses: "idx_tasks_finished_name" },
  "a word that nothing has": { input: () => ({ search: "zebra" }), uses: "idx_tasks_finished_name" },
  "two letters": { input: () => ({ search: "qz" }), uses: "idx_tasks_finished_name" },
  "a number": { input: () => ({ search: "T-5000" }), uses: "tasks_number_key" },
};

const boards = Object.entries(filters).flatMap(([name, { input, uses }]): Case[] => [
  {
    name: `the board by ${name}`,
    uses: uses ? [uses] : ["idx_tasks_status"],
    run: (ctx, of) => readBoard(ctx, boardInput.parse(input(of))),
  },
  {
    name: `a column by ${name}, and its next page`,
    uses: [],
    run: (ctx, of) =>
      paged((cursor) => readColumn(ctx, columnInput.parse({ ...input(of), status: "completed", cursor }))),
  },
]);

/** What each order walks along when there are many tasks and no filter. */
const sorts = {
  newest: { any: "tasks_number_key", ofStatus: "idx_tasks_priority" },
  updated: { any: "idx_tasks_updated_at", ofStatus: "idx_tasks_updated_at" },
  due: { any: "idx_tasks_due_date", ofStatus: "idx_tasks_due_date" },
  priority: { any: "idx_tasks_priority", ofStatus: "idx_tasks_priority" },
};
const statuses = [undefined, "pending", "completed", "failed", ["pending", "in_progress"]];

const taskLists = Object.entries(filters).flatMap(([name, { input }]) =>
  Object.entries(sorts).flatMap(([sort, order]) =>
    statuses.map((status): Case => {
      const isMany = name === "no filter" && (status === undefined || status === "completed");
      return {
        name: `tasks by ${name}, status ${status ?? "any"}, ${sort} first, and the next page`,
        uses: isMany ? [status ? order.ofStatus : order.any] : [],
        run: (ctx, of) =>
          paged((cursor) => listTasks(ctx, listTasksInput.parse({ ...input(of), status, sort, cursor }))),
      };
    }),
  ),
);

const workflowLists = Object.entries({
  newest: "workflows_number_key",
  updated: "idx_workflows_updated_at",
  name: "idx_workflows_name",
  progress: "idx_workflows_progress",
}).map(
  ([sort, index]): Case => ({
    name: `workflows, ${sort} first, and the next page`,
    uses: [index],
    run: (ctx) => paged((cursor) => listWorkflows(ctx, listWorkflowsInput.parse({ sort, cursor }))),
  }),
);

const audit = (name: string, input: Input, index: string): Case => ({
  name: `the audit log by ${name}, and its next page`,
  uses: [index],
  run: (ctx, of) => paged((cursor) => listAudit(ctx, listAuditInput.parse({ ...input(of), cursor }))),
});

const suggestions = (name: string, input: Input, uses: string[]): Case => ({
  name: `suggestions, ${name}, and the next page`,
  uses,
  run: (ctx, of) => paged((cursor) => listSuggestions(ctx, listSuggestionsInput.parse({ ...input(of), cursor }))),
});

export const reads: Case[] = [
  ...boards,
  ...taskLists,
  {
    name: "the bin",
    uses: ["idx_tasks_deleted"],
    run: (ctx) => listTasks(ctx, listTasksInput.parse({ deleted: true, sort: "updated" })),
  },
  ...workflowLists,
  {
    name: "a large workflow",
    uses: ["task_runs_live_key"],
    run: (ctx, of) => readWorkflow(ctx, { id: of.largeWorkflow }),
  },
  { name: "agents", uses: ["idx_task_runs_live_agent"], run: (ctx) => listAgents(ctx, listAgentsInput.parse({})) },
  { name: "the figures of all agents", uses: ["idx_task_runs_ended_at"], run: (ctx) => readAgentMetrics(ctx, {}) },
  { name: "the figures of an agent", uses: [], run: (ctx, of) => readAgentMetrics(ctx, { id: of.agent }) },
  {
    name: "the runs of an agent, and the next page",
    uses: ["idx_task_runs_agent_id"],
    run: (ctx, of) => paged((cursor) => listAgentRuns(ctx, { id: of.agent, limit: 50, cursor })),
  },
  {
    name: "the runs of a task",
    uses: ["idx_task_runs_task_id"],
    run: (ctx, of) => runsByTask(ctx, { taskId: of.finishedTask }),
  },
  {
    name: "a task by its number",
    uses: ["tasks_number_key"],
    run: (ctx, of) => readTask(ctx, { id: `T-${of.finishedNumber}` }),
  },
  {
    name: "why a task is not moving",
    uses: ["tasks_pkey"],
    run: (ctx, of) => explainTask(ctx, { id: of.pendingTask }),
  },
  { name: "the dashboard", uses: ["idx_tasks_completed_at", "idx_tasks_due_date"], run: (ctx) => summarise(ctx) },
  ...(["1h", "24h", "7d"] as const).map(
    (window): Case => ({
      name: `what went through in ${window}`,
      uses: ["tasks_pkey", "task_runs_pkey", "idx_tasks_completed_at", "idx_task_runs_ended_at"],
      isSpan: true,
      run: (ctx) => readSeries(ctx, { window }),
    }),
  ),
  audit("nothing", () => ({}), "audit_logs_pkey"),
  audit("a small workflow", (of) => ({ workflowId: of.smallWorkflow }), "idx_audit_logs_workflow_id"),
  audit("a task", (of) => ({ taskId: of.finishedTask }), "idx_audit_logs_entity"),
  audit("an entity", (of) => ({ entityType: "task", entityId: of.finishedTask }), "idx_audit_logs_entity"),
  audit("an agent", (of) => ({ actorId: of.agent }), "idx_audit_logs_actor"),
  audit("a frequent action", () => ({ action: "claimed" }), "audit_logs_pkey"),
  audit("an action that nobody did", () => ({ action: "approved" }), "idx_audit_logs_action"),
  audit("a moment long ago", (of) => ({ to: of.longAgo }), "idx_audit_seals_created_at"),
  audit("a day", (of) => ({ from: of.longAgo, to: of.longAgo }), "idx_audit_seals_created_at"),
  suggestions("the inbox", () => ({ status: "pending" }), ["idx_suggestions_agent_id"]),
  suggestions("the oldest first", () => ({ status: "pending", sort: "oldest" }), ["idx_suggestions_status"]),
  suggestions("decided", () => ({ status: ["approved", "rejected"] }), ["suggestions_pkey"]),
  suggestions("of a task", (of) => ({ taskId: of.finishedTask }), ["idx_suggestions_task_id"]),
  suggestions("of a small workflow", (of) => ({ workflowId: of.smallWorkflow }), ["idx_suggestions_workflow_id"]),
  { name: "how many decisions wait", uses: ["idx_suggestions_status"], run: countPendingSuggestions },
  {
    name: "events that a client missed",
    uses: ["events_pkey"],
    run: (ctx) => pagesOf(ctx.db)({}, 30_000, 500),
  },
];

/** The first page of a list, and the one that its cursor leads to. */
async function paged(read: (cursor: string | null) => Promise<{ nextCursor: string | null }>): Promise<void> {
  const { nextCursor } = await read(null);
  if (nextCursor) await read(nextCursor);
}
