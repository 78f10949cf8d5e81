import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { type Channel, channels } from "../../db/enums.ts";
import type { OpenLog } from "../realtime/event-log.ts";
import { plainForm } from "../realtime/forms.ts";
import type { StreamMark } from "../realtime/log.ts";
import type { Actor } from "../services/context.ts";
import { cursor } from "../services/inputs.ts";
import { fault, type SocketClient, SocketLane, type Speaker } from "./socket-client.ts";

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

export interface PlainSocketHost {
  log: OpenLog;
  /** Lets the sender in by this token, or without one by the request's cookie; throws what to tell whom it refuses. */
  signIn(client: SocketClient, token: string | undefined): Promise<Actor>;
  onFault(error: unknown, requestId: string): void;
}

/**
 * `/ws`: the live log in plain JSON, for clients without tRPC. Who it is comes with the handshake (a bearer token, or
 * a cookie from our own page), or with the first message. `docs/live.md` describes it for clients.
 */
export class PlainSocket implements Speaker {
  #streams = new Map<Channel, PlainLane>();
  /** Whether it was let in; undefined until it has said who it is. */
  #isIn: Promise<boolean> | undefined;

  constructor(
    readonly client: SocketClient,
    readonly host: PlainSocketHost,
  ) {
    const { bearer, cookie } = client.ws.data.upgrade;
    if (bearer || cookie) this.#letIn(bearer);
  }

  message(data: Buffer): void {
    const { success, data: asked, error } = message.safeParse(parsed(data));
    if (success) this.#obey(asked);
    else this.#refuse(error.issues[0]?.message ?? "This message was not understood.");
  }

  closed(): void {
    for (const { stop } of this.#streams.values()) stop?.();
    this.#streams.clear();
  }

  #obey(asked: Message): void {
    if (asked.action === "ping") this.#say({ type: "pong" });
    else if (asked.action === "auth" && this.#isIn) this.#refuse("You have said already who you are.");
    else if (asked.action === "auth") this.#letIn(asked.token);
    else if (!this.#isIn) this.#refuse('Say first who you are: {"action":"auth","token":"…"}.');
    else if (asked.action === "subscribe") void this.#follow(asked.channel, asked.since);
    else this.#leave(asked.channel);
  }

  #letIn(token: string | undefined): void {
    this.#isIn = this.host.signIn(this.client, token).then(
      () => {
        this.#say({ type: "connected" });
        return true;
      },
      (error: unknown) => {
        this.#turnAway(error);
        return false;
      },
    );
  }

  /** Says why to whom it refuses; what went wrong on our side is for the log alone. */
  #turnAway(error: unknown): void {
    if (!(error instanceof TRPCError)) {
      this.host.onFault(error, this.client.ws.data.requestId);
      this.client.refusal = fault;
    }
    this.#refuse(this.client.refusal?.reason ?? fault.reason);
    this.client.close();
  }

  async #follow(asked: Channel, since: string | undefined): Promise<void> {
    const lane = new PlainLane(this.client, asked);
    this.#streams.get(asked)?.stop?.();
    this.#streams.set(asked, lane);
    const isIn = await this.#isIn;
    // It may have been left meanwhile.
    if (!isIn || !this.client.isOpen || this.#streams.get(asked) !== lane) return;
    lane.stop = this.host.log.follow({ channels: [asked], lastEventId: since }, lane);
  }

  #leave(asked: Channel): void {
    this.#streams.get(asked)?.stop?.();
    this.#streams.delete(asked);
    this.#say({ type: "unsubscribed", channel: asked });
  }

  #refuse(words: string): void {
    this.#say({ type: "error", message: words });
  }

  #say(words: object): void {
    this.client.say(JSON.stringify(words));
  }
}

/** One channel. */
class PlainLane extends SocketLane {
  constructor(
    client: SocketClient,
    readonly channel: Channel,
  ) {
    super(client, plainForm);
  }

  say({ type, id }: StreamMark): void {
    const words = { type: type === "connected" ? "subscribed" : type, channel: this.channel, id };
    this.client.say(JSON.stringify(words));
  }
}

function parsed(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
