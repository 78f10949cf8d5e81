import { fileURLToPath } from "node:url";
import type { ServerBuild } from "@remix-run/server-runtime";
import { openDatabase } from "../db/client.ts";
import { migrate } from "../db/migrate.ts";
import { version } from "../package.json";
import { createAuth } from "./auth/auth.ts";
import { sessionSecret } from "./auth/secret.ts";
import type { Config } from "./env.ts";
import { welcomeFirstAdmin } from "./first-admin.ts";
import { createHost } from "./host.ts";
import type { App } from "./http/app.ts";
import type { Dev } from "./http/dev.ts";
import { createFetch } from "./http/fetch.ts";
import { checkHealth } from "./http/health.ts";
import { InFlight } from "./http/in-flight.ts";
import { createMetrics } from "./http/metrics.ts";
import { createRemix } from "./http/remix.ts";
import { routeNames } from "./http/routes.ts";
import { createSockets } from "./http/socket.ts";
import type { SocketData } from "./http/socket-client.ts";
import { staticFiles } from "./http/static.ts";
import type { Logger } from "./logger.ts";
import { memoryBus } from "./realtime/bus.ts";
import { openLog } from "./realtime/event-log.ts";
import { redisBus } from "./realtime/redis-bus.ts";
import { wakeFor } from "./services/wake.ts";
import type { System } from "./trpc/context.ts";
import { startWorkers } from "./workers/index.ts";

export interface Running {
  url: string;
  host: App["host"];
  /** Lets requests finish, sends sockets elsewhere, and closes everything. A second call waits for the first. */
  stop(): Promise<void>;
}

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Starts everything that one process is, in the order in which the parts need each other. */
export async function start(config: Config, logger: Logger, dev?: Dev): Promise<Running> {
  const db = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir });
  await migrate(db, config.databaseUrl);

  const bus = config.redisUrl ? redisBus({ url: config.redisUrl, instanceId: config.instanceId, logger }) : memoryBus();
  const onError = (name: string, error: unknown) => logger.error({ err: error }, `${name} failed`);
  const host = createHost({ db, bus, config, onError: (name, error) => onError(`Background work ${name}`, error) });
  const log = await openLog({
    db,
    bus,
    onEvent: (event) => wakeFor(host, event),
    onError: (error) => onError("Reading the event log", error),
  });

  const publicUrl = config.publicUrl ?? `http://${config.host}:${config.port}`;
  const isSecure = publicUrl.startsWith("https:");
  const auth = createAuth(host, { secret: sessionSecret(config), baseUrl: publicUrl, isSecure });

  const inFlight = new InFlight();
  const system: System = {
    info: { version, instance: config.instanceId, startedAt: new Date(), database: db.kind, bus: bus.kind },
    health: () => checkHealth({ db, bus, log, isDraining: () => inFlight.isDraining }),
  };
  const app: App = {
    config,
    host,
    log,
    auth,
    system,
    logger,
    reportFault(error, { path, requestId }) {
      if (error.code !== "INTERNAL_SERVER_ERROR") return;
      metrics.faults.inc();
      logger.error({ err: error.cause ?? error, path, requestId }, "A call failed");
    },
  };
  const sockets = createSockets(app);
  const metrics = createMetrics({ db, bus, log, sockets: sockets.count });
  const build = dev ? dev.build : await builtPages();

  const server = Bun.serve<SocketData>({
    hostname: config.host,
    port: config.port,
    idleTimeout: 0,
    maxRequestBodySize: 10 * 1024 * 1024,
    fetch: createFetch(app, {
      metrics,
      sockets,
      inFlight,
      asset: staticFiles([root("build/client"), root("public")]),
      vite: dev?.vite,
      page: createRemix(app, { build, isDev: dev !== undefined }),
      routeOf: routeNames(typeof build === "function" ? await build() : build),
    }),
    websocket: sockets.handler,
  });
  const workers = startWorkers(host, {
    sweepSeconds: config.sweepSeconds,
    eventRetention: config.eventRetention,
    onError: (worker, error) => onError(`Worker ${worker}`, error),
  });
  const url = config.publicUrl ?? server.url.origin;
  logger.info({ url, database: db.kind, bus: bus.kind, version }, `Workflow Factory is at ${url}`);
  await welcomeFirstAdmin(host, config, { url, logger });

  async function stop() {
    const deadline = performance.now() + config.drainSeconds * 1000;
    const left = () => Math.max(0, deadline - performance.now());
    const finished = inFlight.drain(left());
    // It stops listening at once; its promise would wait for every socket.
    server.stop().catch(() => {});
    await sockets.drain(Math.min(sockets.count() * 20, 2000, left() / 3));
    await finished;
    sockets.close();
    await server.stop(true);
    await workers.stop();
    await host.background.drain();
    await host.presence.flush(db);
    await log.close();
    await bus.close();
    await db.close();
    await dev?.close();
  }
  let stopping: Promise<void> | undefined;
  return {
    url,
    host,
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function builtPages(): Promise<ServerBuild> {
  const file = root("build/server/index.js");
  if (!(await Bun.file(file).exists())) {
    throw new Error("The pages are not built. Run `bun run build` first, or `bun run dev` to build them as you edit.");
  }
  return import(file);
}
