import type { Logger } from "../logger.ts";

const quiet = new Set(["/healthz", "/readyz", "/metrics"]);

/** A line per request: who, what, how it went and how long it took. Never a body, a query or a header: they hold secrets. */
export function logRequest(
  logger: Logger,
  {
    id,
    method,
    pathname,
    route,
    status,
    ms,
  }: Record<"id" | "method" | "pathname" | "route", string> & {
    status: number;
    ms: number;
  },
): void {
  const line = { requestId: id, method, path: pathname, route, status, ms: Math.round(ms * 10) / 10 };
  if (status >= 500) logger.error(line, "request");
  else if (quiet.has(pathname) || pathname.startsWith("/assets/")) logger.debug(line, "request");
  else logger.info(line, "request");
}
