import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Database } from "../../db/client.ts";
import type { Bus } from "../realtime/bus.ts";
import type { OpenLog } from "../realtime/event-log.ts";
import type { Calls } from "../services/calls.ts";

export interface MetricsOptions {
  db: Database;
  bus: Bus;
  log: OpenLog;
  calls: Calls;
  sockets: () => number;
}

export type Metrics = ReturnType<typeof createMetrics>;

/** What Prometheus reads. Labels are route ids, never addresses, so that their number is bounded. */
export function createMetrics({ db, bus, log, calls, sockets }: MetricsOptions) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `wf_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge("calls_under_way", "Calls that are being answered", () => calls.underWay);
  gauge("calls_refused", "Calls refused since the start because there were too many", () => calls.refused);
  gauge("websocket_connections", "Open WebSockets", sockets);
  gauge("event_subscribers", "Open event streams", () => log.position().subscribers);
  gauge("event_gaps", "Event numbers that are not settled yet", () => log.position().gaps);
  gauge("bus_up", "1 when other instances hear this one", () => Number(bus.isHealthy()));
  addFactoryGauges(registers, db, log);
  addLoopLag(registers);

  return {
    requests: new Histogram({
      name: "wf_http_request_seconds",
      help: "Time to answer, by route",
      labelNames: ["route", "method", "status"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
      registers,
    }),
    faults: new Counter({ name: "wf_faults_total", help: "Requests that failed by our fault", registers }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

/** What the database says, asked once per reading. */
function addFactoryGauges(registers: Registry[], db: Database, log: OpenLog): void {
  const gauge = (name: string, help: string) => new Gauge({ name: `wf_${name}`, help, registers });
  const ready = gauge("tasks_ready", "Tasks that an agent may claim now");
  const oldest = gauge("tasks_ready_oldest_seconds", "Age of the oldest task that may be claimed");
  const running = gauge("runs_live", "Runs under a lease");
  const waiting = gauge("decisions_waiting", "Suggestions that wait for a person");
  const agents = gauge("agents_online", "Agents that are online or busy");
  const lag = gauge("event_lag", "Committed events that this instance has not read yet");
  new Gauge({
    name: "wf_database_up",
    help: "1 when the database answers",
    registers,
    async collect() {
      const row = await readFactory(db).catch(() => undefined);
      this.set(row ? 1 : 0);
      if (!row) return;
      ready.set(row.ready);
      oldest.set(row.oldest);
      running.set(row.running);
      waiting.set(row.waiting);
      agents.set(row.agents);
      lag.set(Math.max(0, row.last - log.position().high));
    },
  });
}

type Factory = Record<"ready" | "oldest" | "running" | "waiting" | "agents" | "last", number>;

async function readFactory(db: Database): Promise<Factory | undefined> {
  const [row] = await db.query<Factory>(
    `select count(*)::int as ready, coalesce(extract(epoch from now() - min(created_at)), 0)::float as oldest,
       (select count(*) from task_runs where ended_at is null)::int as running,
       (select count(*) from suggestions where status = 'pending')::int as waiting,
       (select count(*) from agents where status <> 'offline' and archived_at is null)::int as agents,
       (select coalesce(max(seq), 0) from events) as last
     from tasks where status = 'pending' and ready and deleted_at is null and (queue_after is null or queue_after <= now())`,
  );
  return row;
}

/** Bun does not fill prom-client's own gauges of it: how late a timer of 100 ms comes, the worst since the last reading. */
function addLoopLag(registers: Registry[]): void {
  const every = 100;
  let worst = 0;
  let expected = performance.now() + every;
  setInterval(() => {
    worst = Math.max(worst, performance.now() - expected);
    expected = performance.now() + every;
  }, every).unref();
  new Gauge({
    name: "wf_event_loop_lag_seconds",
    help: "Worst delay of the event loop since the last reading",
    registers,
    collect() {
      this.set(Math.max(0, worst) / 1000);
      worst = 0;
    },
  });
}
