import { TRPCError } from "@trpc/server";
import { credentialOf } from "../auth/still-good.ts";
import type { RequestContext } from "../trpc/context.ts";
import type { App } from "./app.ts";
import { revoked, type SocketClient, tooMany } from "./socket-client.ts";

const socketsPerPrincipal = 200;

/** Finds out who a socket belongs to, once, at its first message; a socket of nobody is refused. */
export function socketContexts({ host, auth, log, system }: App, open: Set<SocketClient>) {
  return async (client: SocketClient, token: string | undefined): Promise<RequestContext> => {
    const { requestId, upgrade, isOwnPage } = client.ws.data;
    const agent = token ? await auth.agentOf(token) : null;
    const person = !token && isOwnPage ? await auth.personOf(new Headers(upgrade.headers)) : null;
    const actor = agent ?? person?.actor;
    if (!actor) {
      client.refusal = { code: revoked, reason: "Sign in, or send a valid agent token." };
      throw new TRPCError({ code: "UNAUTHORIZED", message: client.refusal.reason });
    }
    client.credential = credentialOf(agent, person);
    if (agent) host.presence.note(agent.id);

    const { id } = actor;
    client.principal = id;
    if ([...open].filter((other) => other.principal === id).length > socketsPerPrincipal) {
      client.refusal = { code: tooMany, reason: `At most ${socketsPerPrincipal} sockets at once. Share one.` };
      throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: client.refusal.reason });
    }
    return {
      ...host,
      actor,
      requestId,
      log,
      system,
      socket: {
        enterStream: () => client.enterStream(),
        drained: () => client.drained(),
        close: (code, reason) => client.close(code, reason),
      },
    };
  };
}
