import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import type { getWSConnectionHandler } from "@trpc/server/adapters/ws";
import superjson from "superjson";
import type { WebSocket as NodeWebSocket } from "ws";
import { z } from "zod";
import type { OpenLog } from "../realtime/event-log.ts";
import { trackedForm } from "../realtime/forms.ts";
import type { StreamMark } from "../realtime/log.ts";
import type { Actor } from "../services/context.ts";
import { streamInput } from "../trpc/routers/events.ts";
import { fault, type SocketClient, SocketLane, type Speaker, tooMany } from "./socket-client.ts";

const maxStreams = 50;
const maxBatch = 100;

const paramsMessage = z.object({ data: z.object({ token: z.string() }) });

const streamId = z.union([z.number(), z.string()]);

/** A call of `events.stream`, as tRPC's clients send it. */
const streamCall = z.object({
  id: streamId,
  jsonrpc: z.literal("2.0").optional(),
  method: z.literal("subscription"),
  params: z.object({ path: z.literal("events.stream"), input: z.unknown(), lastEventId: z.string().optional() }),
});

type Call = Pick<z.infer<typeof streamCall>, "id" | "jsonrpc">;

const stopCall = z.object({ id: streamId, method: z.literal("subscription.stop") });

export interface TrpcSocketHost {
  log: OpenLog;
  /** tRPC's own handler, for one connection. */
  connect: ReturnType<typeof getWSConnectionHandler>;
  signIn(client: SocketClient, token: string | undefined): Promise<Actor>;
}

/**
 * tRPC's protocol on one socket. Live events are answered here, in tRPC's own words, since its handler's state for one
 * idle subscription is several times what all the rest of a socket needs. Everything else goes to its handler, which
 * comes with the first such call.
 */
export class TrpcSocket implements Speaker {
  /** Who speaks; undefined until that was said. */
  actor: Promise<Actor> | undefined;
  #streams = new Map<number | string, TrpcLane>();
  #rest: Rest | undefined;

  constructor(
    readonly client: SocketClient,
    readonly host: TrpcSocketHost,
  ) {
    if (!client.ws.data.upgrade.hasParams) this.#letIn(undefined);
  }

  message(data: Buffer, isText: boolean): void {
    const text = isText ? data.toString() : undefined;
    if (text === "PING") this.client.say("PONG");
    else if (text === undefined && this.actor) this.#pass(data, isText);
    else if (text !== "PONG") this.#hear(data, parsed(text ?? ""));
  }

  closed(code: number): void {
    for (const { stop } of this.#streams.values()) stop?.();
    this.#streams.clear();
    this.#rest?.emit("close", code);
  }

  #hear(data: Buffer, words: unknown): void {
    if (!this.actor) {
      this.#letIn(paramsMessage.safeParse(words).data?.data.token);
      return;
    }
    const calls = Array.isArray(words) ? words : [words];
    const others = calls.length > maxBatch ? calls : calls.filter((call) => !this.#take(call));
    if (others.length === calls.length) this.#pass(data, true);
    else if (others.length > 0) this.#pass(Buffer.from(JSON.stringify(others)), true);
  }

  #letIn(token: string | undefined): void {
    this.actor = this.host.signIn(this.client, token);
    // tRPC's handler says why, in its own words, and closes.
    this.actor.catch(() => {
      this.client.refusal ??= fault;
      this.#connected();
    });
  }

  /** False when this is none of ours. */
  #take(call: unknown): boolean {
    const stop = stopCall.safeParse(call).data;
    if (stop) return this.#stop(stop.id);
    const asked = streamCall.safeParse(call).data;
    const input = asked && inputOf(asked.params);
    if (!input) return false;
    void this.#follow(asked, input);
    return true;
  }

  async #follow(call: Call, input: z.infer<typeof streamInput>): Promise<void> {
    const lane = new TrpcLane(this.client, call);
    this.#streams.get(call.id)?.stop?.();
    this.#streams.set(call.id, lane);
    if (this.#streams.size > maxStreams) this.client.close(tooMany, `At most ${maxStreams} streams on one socket.`);
    const actor = await this.actor?.catch(() => undefined);
    // It may have been stopped meanwhile.
    if (actor && this.client.isOpen && this.#streams.get(call.id) === lane)
      lane.stop = this.host.log.follow(input, lane);
  }

  #stop(id: number | string): boolean {
    const lane = this.#streams.get(id);
    if (!lane) return false;
    lane.stop?.();
    this.#streams.delete(id);
    lane.end();
    return true;
  }

  #pass(data: Buffer, isText: boolean): void {
    this.#connected().emit("message", data, !isText);
  }

  #connected(): Rest {
    if (!this.#rest) {
      this.#rest = new Rest(this);
      // The facade has the part of `ws` that the handler uses; of the request it reads no more than this.
      const request = { url: "/trpc", headers: {}, socket: {} } as unknown as IncomingMessage;
      this.host.connect(this.#rest as unknown as NodeWebSocket, request);
    }
    return this.#rest;
  }
}

/** What tRPC's handler needs of a `ws` socket. */
export class Rest extends EventEmitter {
  constructor(readonly socket: TrpcSocket) {
    super();
  }

  get readyState(): number {
    return this.socket.client.readyState;
  }

  send(data: string): void {
    this.socket.client.send(data);
  }

  close(code?: number, reason?: string): void {
    this.socket.client.close(code, reason);
  }

  terminate(): void {
    this.socket.client.terminate();
  }
}

/** One subscription. */
class TrpcLane extends SocketLane {
  #hasStarted = false;

  constructor(
    client: SocketClient,
    readonly call: Call,
  ) {
    super(client, trackedForm(call));
  }

  say(mark: StreamMark): void {
    if (!this.#hasStarted) this.#answer({ type: "started" });
    this.#hasStarted = true;
    this.#answer({ type: "data", id: mark.id, data: superjson.serialize({ id: mark.id, data: mark }) });
  }

  end(): void {
    this.#answer({ type: "stopped" });
  }

  #answer(result: object): void {
    const { id, jsonrpc } = this.call;
    if (this.client.isOpen) this.client.say(JSON.stringify({ id, jsonrpc, result }));
  }
}

function inputOf({
  input,
  lastEventId,
}: z.infer<typeof streamCall>["params"]): z.infer<typeof streamInput> | undefined {
  try {
    const given = input === undefined ? undefined : superjson.deserialize<object | undefined>(input as never);
    return streamInput.safeParse(lastEventId === undefined ? given : { ...given, lastEventId }).data;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
