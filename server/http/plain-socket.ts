import { z } from "zod";
import { type Channel, channels } from "../../db/enums.ts";
import { plainForm } from "../realtime/forms.ts";
import { TooSlow } from "../realtime/log.ts";
import { cursor } from "../services/inputs.ts";
import type { RequestContext } from "../trpc/context.ts";
import { type SocketClient, tooSlow } from "./socket-client.ts";

const channel = z.enum(channels, { error: `Name one of the channels: ${channels.join(", ")}.` });

const message = z.discriminatedUnion(
  "action",
  [
    z.object({ action: z.literal("auth"), token: z.string("Send the agent's token.") }),
    z.object({ action: z.literal("subscribe"), channel, since: cursor.optional() }),
    z.object({ action: z.literal("unsubscribe"), channel }),
    z.object({ action: z.literal("ping") }),
  ],
  { error: "Send an action: subscribe, unsubscribe, ping or auth." },
);

type Message = z.infer<typeof message>;

interface Host {
  /** Lets the sender in by this token, or without one by the request's cookie; throws what to tell whom it refuses. */
  authenticate(token?: string): Promise<RequestContext>;
  onFault(error: unknown): void;
}

/**
 * `/ws`: the live log in plain JSON, for clients without tRPC. Who it is comes with the handshake (a bearer token, or
 * a cookie from our own page), or with the first message. `docs/live.md` describes it for clients.
 */
export function servePlainSocket(client: SocketClient, { authenticate, onFault }: Host): void {
  const { headers } = client.ws.data.upgrade;
  const streams = new Map<Channel, AbortController>();
  const say = (words: object) => client.send(JSON.stringify(words));
  const refuse = (words: string) => say({ type: "error", message: words });
  let context: Promise<RequestContext | undefined> | undefined;

  function letIn(token?: string) {
    context = authenticate(token).then(
      (allowed) => {
        say({ type: "connected" });
        return allowed;
      },
      (error: Error) => {
        refuse(error.message);
        client.close();
        return undefined;
      },
    );
  }

  async function follow(asked: Channel, since: string | undefined): Promise<void> {
    streams.get(asked)?.abort();
    const stop = new AbortController();
    streams.set(asked, stop);
    const allowed = await context;
    if (!allowed) return;
    try {
      const filter = { channels: [asked], lastEventId: since };
      for await (const event of allowed.log.stream(filter, stop.signal, client.lane(plainForm))) {
        if (stop.signal.aborted) return;
        if (event.type === "connected") say({ type: "subscribed", channel: asked, id: event.id });
        else if (event.type === "reset") say({ ...event, channel: asked });
        else say(event);
        await client.drained();
      }
    } catch (error) {
      if (error instanceof TooSlow) return client.close(tooSlow, error.message);
      onFault(error);
      refuse("The events could not be read. Subscribe again from your last cursor.");
    }
  }

  function obey(asked: Message): void {
    if (asked.action === "ping") say({ type: "pong" });
    else if (asked.action === "auth" && context) refuse("You have said already who you are.");
    else if (asked.action === "auth") letIn(asked.token);
    else if (!context) refuse('Say first who you are: {"action":"auth","token":"…"}.');
    else if (asked.action === "subscribe") void follow(asked.channel, asked.since);
    else leave(asked.channel);
  }

  function leave(asked: Channel): void {
    streams.get(asked)?.abort();
    streams.delete(asked);
    say({ type: "unsubscribed", channel: asked });
  }

  client.on("message", (data: Buffer) => {
    const { success, data: asked, error } = message.safeParse(parsed(data));
    if (success) obey(asked);
    else refuse(error.issues[0]?.message ?? "This message was not understood.");
  });
  client.once("close", () => {
    for (const stop of streams.values()) stop.abort();
  });
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1]?.trim();
  if (bearer || headers.cookie) letIn(bearer);
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
