import { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import type { TRPCRequestInfo } from "@trpc/server/http";
import { type Credential, credentialOf } from "../auth/still-good.ts";
import { TooMany } from "../services/errors.ts";
import type { RequestContext } from "../trpc/context.ts";
import { appRouter } from "../trpc/router.ts";
import type { App } from "./app.ts";
import { mostPerPrincipal } from "./open-streams.ts";
import type { Incoming } from "./request.ts";
import { comesFromUs } from "./same-origin.ts";
import { underSignal } from "./under-signal.ts";

/** tRPC over HTTP: single calls, batches, and streams for networks that block WebSockets. */
export async function handleTrpc(app: App, incoming: Incoming): Promise<Response> {
  const { id: requestId } = incoming;
  const ended = new AbortController();
  incoming.signal.addEventListener("abort", () => ended.abort(incoming.signal.reason), { once: true });
  // The adapter hands the request's own signal to the procedures; ours ends long polls when the server stops, too.
  const request = underSignal(incoming.request, ended.signal);
  const response = await fetchRequestHandler({
    endpoint: "/trpc",
    req: request,
    router: appRouter,
    maxBatchSize: 100,
    createContext: async ({ info }) => {
      const { credential, ...context } = await contextOf(app, incoming);
      const idempotencyKey = keyOf(incoming.request, info);
      // A stream outlives the moment in which its sender was let in.
      if (info.type === "subscription" && context.actor && credential) {
        keepOpen(app, ended, { principal: context.actor.id ?? credential.id, credential });
      }
      return { ...context, idempotencyKey };
    },
    onError: ({ error, path }) => app.reportFault(error, { path, requestId }),
    responseMeta({ errors }) {
      const busy = errors.find(({ cause }) => cause instanceof TooMany)?.cause as TooMany | undefined;
      return busy ? { headers: { "Retry-After": String(busy.retryAfter) } } : {};
    },
  });
  response.headers.set("Cache-Control", "no-store");
  return response;
}

/** Counts a stream in until it ends; with the sockets' next look at credentials it is looked at as well. */
function keepOpen(
  { openStreams }: App,
  ended: AbortController,
  { principal, credential }: { principal: string; credential: Credential },
): void {
  if (!openStreams.countIn(principal)) {
    openStreams.countOut(principal);
    const cause = new TooMany(`At most ${mostPerPrincipal} streams at once. Share one.`, 30);
    throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: cause.message, cause });
  }
  const stream = { credential, end: () => ended.abort() };
  openStreams.overHttp.add(stream);
  const leave = () => {
    openStreams.overHttp.delete(stream);
    openStreams.countOut(principal);
  };
  if (ended.signal.aborted) leave();
  else ended.signal.addEventListener("abort", leave, { once: true });
}

/** Alone in its call, as agents send it, it waits for nothing that others wait for. */
const heartbeatPath = "/trpc/agents.heartbeat";

/** An agent by its token, else a person by their cookie. A cookie counts only on requests from the site's own pages. */
async function contextOf(
  { config, host, auth, log, system }: App,
  incoming: Incoming,
): Promise<RequestContext & { credential: Credential | undefined }> {
  const { request, url, id } = incoming;
  const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  const isForeign = comesFromUs(request, config) === false;
  const agentOf = url.pathname === heartbeatPath ? auth.agentOfUrgent : auth.agentOf;
  const agent = token ? await agentOf(token.trim()) : null;
  const person = token || isForeign ? null : await auth.personOf(request.headers);
  const actor = agent ?? person?.actor ?? null;
  incoming.actor = actor;
  if (agent) host.presence.note(agent.id);
  const credential = credentialOf(agent, person);
  return { ...host, actor, requestId: id, log, system, credential };
}

/** The key of the call, when the caller gave it as a header. It speaks of one call: a batch names its keys in the inputs. */
function keyOf({ headers }: Request, { calls }: TRPCRequestInfo): string | undefined {
  const key = headers.get("idempotency-key") || undefined;
  if (!key) return undefined;
  if (key.length > 200) throw badRequest("Keep the Idempotency-Key header to 200 characters.");
  if (calls.length > 1) {
    throw badRequest(
      "An Idempotency-Key header is for one call. In a batch give each call an idempotencyKey of its own.",
    );
  }
  return key;
}

const badRequest = (message: string) => new TRPCError({ code: "BAD_REQUEST", message });
