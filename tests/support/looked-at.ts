import type { Connection, Database } from "../../db/client.ts";
import { nodesOf, type PlanNode } from "./plans.ts";

type Explained = { "QUERY PLAN": [{ Plan: PlanNode }] };

/**
 * The database; before a transaction's statement is sent, it is tried and undone, to see how many rows it looks at. `looked` holds the most
 * of each statement.
 */
export function looking(db: Database, looked: Map<string, number>): Database {
  async function transaction<Result>(tx: Connection, work: (tx: Connection) => Promise<Result>): Promise<Result> {
    let last: Promise<unknown> = Promise.resolve();
    const query = <Row>(text: string, params: unknown[] = []): Promise<Row[]> => {
      const answer = last.then(async () => {
        await tx.queryAnew("savepoint tried");
        const [row] = await tx.query<Explained>(`explain (analyze, format json) ${text}`, params);
        await tx.queryAnew("rollback to savepoint tried");
        if (row) looked.set(text, Math.max(looked.get(text) ?? 0, rowsOf(row["QUERY PLAN"][0].Plan)));
        return tx.query<Row>(text, params);
      });
      last = answer.catch(() => {});
      return answer;
    };
    const result = await work({ ...tx, query });
    // The last statement is not waited for: COMMIT is to go out right behind it.
    await last;
    return result;
  }
  return { ...db, transaction: (work) => db.transaction((tx) => transaction(tx, work)) };
}

/** The most that one step of the plan looked at. */
const rowsOf = (plan: PlanNode) =>
  Math.max(
    ...nodesOf(plan).map((node) => {
      const [rows = 0, dropped = 0, loops = 1] = [
        node["Actual Rows"],
        node["Rows Removed by Filter"],
        node["Actual Loops"],
      ];
      return (rows + dropped) * loops;
    }),
  );
