import { type Database, openDatabase } from "../db/client.ts";
import { migrate } from "../db/migrate.ts";
import { version } from "../package.json";
import { createAuth } from "./auth/auth.ts";
import { sessionSecret } from "./auth/secret.ts";
import type { Config } from "./env.ts";
import { makeConfiguredAdmin, offerSetUp } from "./first-admin.ts";
import { createHost } from "./host.ts";
import type { App } from "./http/app.ts";
import { checkHealth } from "./http/health.ts";
import { InFlight } from "./http/in-flight.ts";
import { createMetrics } from "./http/metrics.ts";
import { OpenStreams } from "./http/open-streams.ts";
import type { Pages } from "./http/pages.ts";
import { serve } from "./http/serve.ts";
import { createSockets, type SocketTimes } from "./http/socket.ts";
import type { Logger } from "./logger.ts";
import { memoryBus } from "./realtime/bus.ts";
import { epochOf } from "./realtime/epoch.ts";
import { openLog } from "./realtime/event-log.ts";
import { redisBus } from "./realtime/redis-bus.ts";
import { wakeFor } from "./services/wake.ts";
import { stopOnce } from "./stop.ts";
import { startWorkers } from "./workers/index.ts";

export interface StartOptions {
  config: Config;
  logger: Logger;
  pages: Pages;
  /** Tests bring their own. */
  db?: Database | undefined;
  /** Tests do not wait for half a minute. */
  socketTimes?: Partial<SocketTimes> | undefined;
}

export interface Running {
  url: string;
  app: App;
  /** Lets requests finish, sends sockets elsewhere, and closes everything. A second call waits for the first. */
  stop(): Promise<void>;
}

/** Starts everything that one process is, in the order in which the parts need each other. */
export async function start({ config, logger, pages, db: given, socketTimes }: StartOptions): Promise<Running> {
  const onError = (name: string, error: unknown) => logger.error({ err: error }, `${name} failed`);

  const db = given ?? (await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir }));
  await migrate(db, config.databaseUrl);

  const { redisUrl: url, instanceId } = config;
  const secret = sessionSecret(config);
  const bus = url ? redisBus({ url, instanceId, logger, secret, epoch: await epochOf(db) }) : memoryBus();
  const host = createHost({ db, bus, config, onError: (name, error) => onError(`Background work "${name}"`, error) });
  const log = await openLog({
    db,
    bus,
    onHeard: (event) => wakeFor(host, event),
    onError: (error) => onError("Reading the event log", error),
  });

  const inFlight = new InFlight();
  await makeConfiguredAdmin(host, config.admin, logger);
  const baseUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const app: App = {
    config,
    host,
    log,
    logger,
    openStreams: new OpenStreams(),
    auth: createAuth(host, { secret, baseUrl, isSecure: baseUrl.startsWith("https:") }),
    system: {
      info: { version, instance: instanceId, startedAt: new Date(), database: db.kind, bus: bus.kind },
      health: () => checkHealth({ db, bus, log, isDraining: () => inFlight.isDraining }),
    },
    reportFault(error, about) {
      if (error.code !== "INTERNAL_SERVER_ERROR") return;
      metrics.faults.inc();
      logger.error({ err: error.cause ?? error, ...about }, "A call failed");
    },
  };
  const sockets = createSockets(app, socketTimes);
  const metrics = createMetrics({ db, bus, log, calls: host.calls, sockets: sockets.count });
  const server = await serve(app, { pages, sockets, metrics, inFlight });

  const workers = startWorkers(host, { ...config, onError: (worker, error) => onError(`Worker "${worker}"`, error) });
  const address = config.publicUrl ?? server.url.origin;
  logger.info({ database: db.kind, bus: bus.kind, version }, `Workflow Factory is at ${address}`);
  await offerSetUp(host, address, logger);

  return { url: server.url.origin, app, stop: stopOnce({ app, server, sockets, inFlight, workers, bus, pages }) };
}
