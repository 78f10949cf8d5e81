import type { Database } from "../../db/client.ts";
import type { Bus } from "../realtime/bus.ts";
import type { OpenLog } from "../realtime/event-log.ts";
import { gathererFor, refused, settled } from "../services/gather.ts";
import type { Health } from "../trpc/context.ts";

/** A database that does not answer within this time gets no traffic for us either. */
const deadlineMs = 2000;

export interface HealthOptions {
  db: Database;
  bus: Bus;
  log: OpenLog;
  isDraining: () => boolean;
}

/** Asks the database what it costs to ask; Redis being away only slows the live updates. */
export async function checkHealth({ db, bus, log, isDraining }: HealthOptions): Promise<Health> {
  const began = performance.now();
  const answer = await withDeadline(look(db.reserved, db));
  const isBusFine = bus.isHealthy();
  const isMigrated = answer?.migrated ?? false;
  const draining = isDraining();
  const isDown = !isMigrated || draining;
  return {
    status: isDown ? "down" : isBusFine ? "ok" : "degraded",
    database: { ok: answer !== undefined, latencyMs: answer ? Math.round(performance.now() - began) : null },
    bus: { ok: isBusFine },
    migrations: { ok: isMigrated },
    draining,
    eventLag: answer ? Math.max(0, answer.last - log.position().high) : null,
  };
}

/** Over the reserved connections: an instance that has much to do still serves heartbeats, and must not lose its traffic. */
const look = gathererFor(async (requests: Database[]) => {
  const rows = await requests[0]?.reserved.query<{ last: number; migrated: boolean }>(
    `select (select coalesce(max(seq), 0) from events) as last,
       to_regclass('drizzle.__drizzle_migrations') is not null as migrated`,
  );
  const [row] = rows ?? [];
  return requests.map(() => (row ? settled(row) : refused(new Error("A select without FROM answers with one row"))));
});

/** The answer, or undefined when it fails or takes too long. */
function withDeadline<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, deadlineMs, undefined);
    asked
      .catch(() => undefined)
      .then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
  });
}
