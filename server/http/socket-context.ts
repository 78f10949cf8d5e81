import { TRPCError } from "@trpc/server";
import { credentialOf } from "../auth/still-good.ts";
import { trackedForm } from "../realtime/forms.ts";
import type { RequestContext } from "../trpc/context.ts";
import type { App } from "./app.ts";
import { subscriptionId } from "./opening.ts";
import { revoked, type SocketClient, tooMany } from "./socket-client.ts";

const socketsPerPrincipal = 200;

/** Finds out who a socket belongs to, once, at its first message; a socket of nobody is refused. */
export function socketContexts({ host, auth, log, system }: App) {
  const socketsOf = new Map<string, number>();

  /** Counts a socket in until it closes; false when its owner has too many. */
  function countIn(client: SocketClient, id: string): boolean {
    const count = (socketsOf.get(id) ?? 0) + 1;
    socketsOf.set(id, count);
    client.once("close", () => {
      const left = (socketsOf.get(id) ?? 1) - 1;
      if (left > 0) socketsOf.set(id, left);
      else socketsOf.delete(id);
    });
    return count <= socketsPerPrincipal;
  }

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
    if (!countIn(client, id)) {
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
        lane() {
          const id = subscriptionId();
          return id === undefined ? undefined : client.lane(trackedForm(id));
        },
        enterStream: () => client.enterStream(),
        drained: () => client.drained(),
        close: (code, reason) => client.close(code, reason),
      },
    };
  };
}
