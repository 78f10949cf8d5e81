import type { Connection, Database } from "../../db/client.ts";

export interface Statement {
  text: string;
  params: unknown[];
  /** Sent by a transaction, whose connections plan a statement once, for any values. */
  keepsPlans: boolean;
}

/** A node of a plan as EXPLAIN (FORMAT JSON) has it, as far as it is looked at here. */
export interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Total Cost": number;
  "Plan Rows": number;
  /** With ANALYZE only; each time that the node was run. */
  "Actual Rows"?: number;
  "Actual Loops"?: number;
  "Rows Removed by Filter"?: number;
  Plans?: PlanNode[];
}

/** The database, noting every statement that is sent through it, whoever sends it: services, transactions, Drizzle. */
export function watched(db: Database): { db: Database; take(): Statement[] } {
  const statements: Statement[] = [];
  const noting = (on: Connection, keepsPlans: boolean): Connection => ({
    orm: on.orm,
    query: (text, params = []) => {
      statements.push({ text, params, keepsPlans });
      return on.query(text, params);
    },
    queryAnew: (text, params = []) => {
      statements.push({ text, params, keepsPlans: false });
      return on.queryAnew(text, params);
    },
  });
  // Drizzle tells its session's logger, and hands its session's options on to transactions.
  const { session } = db.orm as unknown as { session: { logger: object; options: { logger?: object } } };
  const logger = {
    logQuery: (text: string, params: unknown[]) => void statements.push({ text, params, keepsPlans: false }),
  };
  session.logger = logger;
  session.options.logger = logger;
  return {
    db: {
      ...db,
      ...noting(db, false),
      reserved: noting(db.reserved, false),
      transaction: (work) => db.transaction((tx) => work(noting(tx, true))),
    },
    take: () => statements.splice(0),
  };
}

type Explained = { "QUERY PLAN": [{ Plan: PlanNode }] };

/** How the database runs the statement: with these very values or, on a connection that keeps plans, with any. */
export async function planOf(db: Database, { text, params, keepsPlans }: Statement): Promise<PlanNode> {
  const [row] = keepsPlans
    ? await db.transaction((tx) => explainKept(tx, text, params.length))
    : await db.queryAnew<Explained>(`explain (format json) ${text}`, params);
  if (!row) throw new Error("EXPLAIN answers with one row");
  return row["QUERY PLAN"][0].Plan;
}

async function explainKept(tx: Connection, text: string, params: number): Promise<Explained[]> {
  await tx.queryAnew(`prepare plan_of as ${text}`);
  const values = params > 0 ? `(${Array(params).fill("null").join(", ")})` : "";
  const rows = await tx.queryAnew<Explained>(`explain (format json) execute plan_of${values}`);
  await tx.queryAnew("deallocate plan_of");
  return rows;
}

export const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
