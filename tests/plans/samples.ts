import type { Connection } from "../../db/client.ts";

/** Rows of a full factory to ask for. */
export interface Samples {
  agent: string;
  largeWorkflow: string;
  smallWorkflow: string;
  finishedTask: string;
  finishedNumber: number;
  pendingTask: string;
  /** A day in the middle of the log. */
  longAgo: string;
}

export async function samplesOf(db: Connection): Promise<Samples> {
  const [row] = await db.query<Samples>(
    `select (select id from agents order by id limit 1) as agent,
       (select id from workflows order by id limit 1) as "largeWorkflow",
       (select id from workflows order by id desc offset 500 limit 1) as "smallWorkflow",
       t.id as "finishedTask", t.number as "finishedNumber",
       (select id from tasks where status = 'pending' and ready order by number limit 1) as "pendingTask",
       (select to_char(min(created_at) + (max(created_at) - min(created_at)) / 2, 'YYYY-MM-DD') from audit_logs) as "longAgo"
     from (select id, number from tasks where current_run_id is not null order by number limit 1) t`,
  );
  if (!row) throw new Error("The factory is empty");
  return row;
}
