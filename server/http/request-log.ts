import type { Logger } from "../logger.ts";
import type { Incoming } from "./request.ts";

const quiet = new Set(["/healthz", "/readyz", "/metrics"]);

/** A line per request: who, what, how it went and how long it took. Never a body, a query or a header: they hold secrets. */
export function logRequest(
  logger: Logger,
  { id: requestId, request, url, actor }: Incoming,
  { route, status, ms }: { route: string; status: number; ms: number },
): void {
  const { pathname: path } = url;
  const who = actor ? { actor: `${actor.type}:${actor.id}` } : {};
  const line = { requestId, method: request.method, path, route, status, ms: Math.round(ms * 10) / 10, ...who };
  if (status >= 500) logger.error(line, "request");
  else if (quiet.has(path) || path.startsWith("/assets/")) logger.debug(line, "request");
  else logger.info(line, "request");
}
