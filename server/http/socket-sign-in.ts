import { TRPCError } from "@trpc/server";
import { credentialOf } from "../auth/still-good.ts";
import type { Actor } from "../services/context.ts";
import type { App } from "./app.ts";
import { mostPerPrincipal } from "./open-streams.ts";
import { revoked, type SocketClient, tooMany } from "./socket-client.ts";

/** Finds out who a socket belongs to, once, at its first message; a socket of nobody is refused. */
export function socketSignIn({ host, auth, openStreams }: App) {
  async function signIn(client: SocketClient, token: string | undefined): Promise<Actor> {
    const { upgrade } = client.ws.data;
    const agent = token ? await auth.agentOf(token) : null;
    const person = !token && upgrade.cookie ? await auth.personOf(new Headers({ cookie: upgrade.cookie })) : null;
    const actor = agent ?? person?.actor;
    if (!actor) {
      client.refusal = { code: revoked, reason: "Sign in, or send a valid agent token." };
      throw new TRPCError({ code: "UNAUTHORIZED", message: client.refusal.reason });
    }
    client.credential = credentialOf(agent, person);
    client.ws.data.upgrade = known;
    if (agent) host.presence.note(agent.id);

    if (!client.isOpen) return actor;
    client.principal = actor.id;
    if (!openStreams.countIn(actor.id)) {
      client.refusal = { code: tooMany, reason: `At most ${mostPerPrincipal} sockets at once. Share one.` };
      throw new TRPCError({ code: "TOO_MANY_REQUESTS", message: client.refusal.reason });
    }
    return actor;
  }

  /** Counts a closed socket out. */
  function signOff({ principal }: SocketClient): void {
    if (principal !== undefined) openStreams.countOut(principal);
  }

  return { signIn, signOff };
}

const known = { hasParams: false, bearer: undefined, cookie: undefined };
