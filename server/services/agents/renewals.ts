import type { Connection } from "../../../db/client.ts";
import type { Host } from "../context.ts";

/** A lease that its holder wants to keep. */
export interface Renewal {
  runId: string;
  leaseToken: string;
  agentId: string;
}

/**
 * Leases to be extended soon. A heartbeat that comes in time only notes its leases here, and all are written together a
 * moment later: what a thousand agents cost is then one statement a second. Should the process end before, the lease
 * still has a third of its length left, and the next heartbeat finds that it must write at once.
 */
export class Renewals {
  #noted = new Map<string, Renewal>();

  note(renewal: Renewal): void {
    this.#noted.set(renewal.runId, renewal);
  }

  take(): Renewal[] {
    const noted = [...this.#noted.values()];
    this.#noted.clear();
    return noted;
  }
}

/** Writes what heartbeats have noted. What could not be written is noted again by the agent's next heartbeat. */
export async function renewNoted({ db, renewals, config }: Pick<Host, "db" | "renewals" | "config">): Promise<void> {
  const noted = renewals.take();
  if (noted.length > 0) await extend(db.reserved, noted, config.leaseSeconds);
}

/**
 * Gives each of these leases that holds its full length again, in one statement. A run that is being written to at this
 * moment is left as it is (SKIP LOCKED): whoever ends it has the word, and a heartbeat never waits behind a transaction.
 */
export async function extend(db: Connection, renewals: Renewal[], leaseSeconds: number): Promise<void> {
  await db.query(
    `update task_runs r set lease_expires_at = now() + make_interval(secs => $2::double precision)
     from (
       select r.id from task_runs r
       join json_to_recordset($1::json) as c(run_id uuid, token uuid, agent_id uuid) on c.run_id = r.id
       where r.ended_at is null and r.lease_token = c.token and r.agent_id = c.agent_id
       order by r.id for update of r skip locked
     ) held
     where r.id = held.id`,
    [
      JSON.stringify(
        renewals.map(({ runId, leaseToken, agentId }) => ({ run_id: runId, token: leaseToken, agent_id: agentId })),
      ),
      leaseSeconds,
    ],
  );
}
