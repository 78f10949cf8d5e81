import { type AppLoadContext, createRequestHandler } from "@remix-run/server-runtime";
import type { Visitor } from "../auth/visitor.ts";
import { createCaller } from "../trpc/caller.ts";
import type { App } from "./app.ts";
import type { Pages } from "./pages.ts";
import { type Incoming, siteOf } from "./request.ts";
import { contentSecurityPolicy, newNonce } from "./security-headers.ts";
import { submit } from "./submit.ts";

/** The pages. Loaders and actions reach the router through the load context; nothing of the server is imported there. */
export function createRemix(app: App, { build, isDev }: Pages): (incoming: Incoming) => Promise<Response> {
  const handle = createRequestHandler(build, isDev ? "development" : "production");

  return async (incoming) => {
    const { request } = incoming;
    const signedIn = await app.auth.personOf(request.headers);
    incoming.actor = signedIn?.actor ?? null;
    const nonce = newNonce();
    const context = await loadContextOf(app, incoming, { actor: signedIn?.actor ?? null, nonce });
    const response = await handle(request, context);
    for (const cookie of signedIn?.setCookies ?? []) response.headers.append("Set-Cookie", cookie);
    if (response.headers.get("Content-Type")?.startsWith("text/html")) {
      response.headers.set("Content-Security-Policy", contentSecurityPolicy(nonce, { isDev }));
    }
    // Every page shows what its reader may see.
    if (!response.headers.has("Cache-Control")) response.headers.set("Cache-Control", "private, no-store");
    return response;
  };
}

async function loadContextOf(
  { config, host, auth, log, system }: App,
  { request, url, id: requestId, ip, signal }: Incoming,
  { actor, nonce }: Pick<AppLoadContext, "actor" | "nonce">,
): Promise<AppLoadContext> {
  const api = createCaller({ ...host, actor, requestId, log, system }, { signal });
  const visitor: Visitor = { headers: request.headers, ip, requestId };
  return {
    api,
    actor,
    nonce,
    requestId,
    site: siteOf(request, url, config),
    needsSetup: await auth.needsSetup(),
    cursor: () => log.cursor(),
    submit: (call, form) => submit(api, call, form),
    auth: {
      invitedBy: (token) => auth.invitedBy(token),
      signIn: (email, password) => auth.signIn(visitor, email, password),
      signOut: () => auth.signOut(visitor),
      setup: (fields) => auth.setUp(visitor, fields),
    },
  };
}
