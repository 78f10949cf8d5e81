/** One mechanism of the product switched off: an edit of one file whose `search` stands there exactly once. */
export interface Mutant {
  file: string;
  search: string;
  replace: string;
}

/** What the model has to notice. `bun run model --mutants` tries whether it does, on a copy of the tree. */
export const mutants: Record<string, Mutant> = {
  "complete does not look at the token": {
    file: "server/services/runs/complete.ts",
    search: "    and r.lease_token = c.token and r.agent_id = c.by_id and r.outcome is null",
    replace: "    and r.agent_id = c.by_id and r.outcome is null",
  },
  "other writes do not look at the token": {
    file: "server/services/runs/fencing.ts",
    search: "if (run.agentId !== agentId || run.leaseToken !== leaseToken) {",
    replace: "if (run.agentId !== agentId) {",
  },
  "runs that have ended are accepted": {
    file: "server/services/runs/fencing.ts",
    search: "if (run.endedAt === null) return null;",
    replace: "return null;",
  },
  "the reaper does not look again": {
    file: "server/workers/reaper.ts",
    search: "where t.id = any($1::uuid[]) and r.ended_at is null and",
    replace: "where t.id = any($1::uuid[]) and r.ended_at is null or false and",
  },
  "a repeated claim takes more": {
    file: "server/services/tasks/claim-key.ts",
    search: "if (keyed.size === 0) return [];",
    replace: "return [];",
  },
  "idempotency keys are ignored": {
    file: "server/services/idempotency.ts",
    search: "return key ? { key, body: { procedure, ...input, idempotencyKey: undefined } } : undefined;",
    replace: "return undefined;",
  },
  "a completion does not make others ready": {
    file: "server/services/runs/complete.ts",
    search: "refreshReadiness(tx, [...new Set(dependents.map((one) => one.task_id))])",
    replace: "refreshReadiness(tx, [])",
  },
  "maxConcurrent is ignored": {
    file: "server/services/tasks/claim.ts",
    search: "const takes = Math.min(request.max, free);",
    replace: "const takes = request.max;",
  },
  "back-offs are ignored": {
    file: "server/services/tasks/claim-look.ts",
    search: "(queue_after is null or queue_after <= now()) and ",
    replace: "",
  },
  "late output is dropped": {
    file: "server/services/runs/late-output.ts",
    search: "if (result === undefined && !summary && !error) return;",
    replace: "if (result !== undefined || summary || error) return;",
  },
  "log lines that come again are kept again": {
    file: "server/services/runs/log.ts",
    search: "const given = input.entries.slice(known);",
    replace: "const given = input.entries;",
  },
  "a repeated failure is told of the task as it is now": {
    file: "server/services/runs/give-up.ts",
    search: "coalesce(l.changes #>> '{status,after}', t.status) as status",
    replace: "t.status",
  },
  "a task that goes back leaves no audit row": {
    file: "server/services/runs/give-up.ts",
    search: "recordTask(record, { task, before, action, reason, by });",
    replace: "recordTask(record, { task, before, action: false, reason, by });",
  },
};
