import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { TooMany } from "../services/errors.ts";
import type { RequestContext } from "../trpc/context.ts";
import { appRouter } from "../trpc/router.ts";
import type { App } from "./app.ts";
import type { Incoming } from "./request.ts";
import { comesFromUs } from "./same-origin.ts";

/** tRPC over HTTP: single calls, batches, and streams for networks that block WebSockets. */
export async function handleTrpc(app: App, incoming: Incoming): Promise<Response> {
  const { id: requestId, signal } = incoming;
  // The adapter hands the request's own signal to the procedures; ours ends long polls when the server stops, too.
  const request = new Request(incoming.request, { signal });
  const response = await fetchRequestHandler({
    endpoint: "/trpc",
    req: request,
    router: appRouter,
    maxBatchSize: 100,
    createContext: () => contextOf(app, incoming),
    onError: ({ error, path }) => app.reportFault(error, { path, requestId }),
    responseMeta({ errors }) {
      const busy = errors.find(({ cause }) => cause instanceof TooMany)?.cause as TooMany | undefined;
      return busy ? { headers: { "Retry-After": String(busy.retryAfter) } } : {};
    },
  });
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** An agent by its token, else a person by their cookie. A cookie counts only on requests from the site's own pages. */
async function contextOf({ config, host, auth, log, system }: App, incoming: Incoming): Promise<RequestContext> {
  const { request, id } = incoming;
  const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const isForeign = comesFromUs(request, config) === false;
  const actor = token
    ? await auth.agentOf(token.trim())
    : ((isForeign ? null : await auth.personOf(request.headers))?.actor ?? null);
  incoming.actor = actor;
  if (actor?.type === "agent") host.presence.note(actor.id);
  const idempotencyKey = request.headers.get("idempotency-key")?.slice(0, 200) || undefined;
  return { ...host, actor, requestId: id, idempotencyKey, log, system };
}
