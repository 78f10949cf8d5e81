import { createClient } from "redis";
import { sealOf } from "../../server/realtime/seal.ts";
import { eachFrame, textFrame } from "./frames.ts";

/** What the process of subscribers is asked to do, as JSON in its first argument. */
export interface Plan {
  port: number;
  path: string;
  /** What each socket sends after the handshake, one list per socket, used in turn, with `@group@` for its group. */
  hellos: string[][];
  /** The text after which a socket counts as subscribed. */
  ready: string;
  subscribers: number;
  /** What the subscribers are divided into, each as large; every socket takes the next one's hello, and so does every event. */
  groups: string[];
  redis: string;
  redisChannel: string;
  /** The message to publish, with `@seq@` where its number goes, and `@group@` for its group. */
  message: string;
  /** What messages are signed with, if they are. */
  secret?: string;
  events: number;
  /** Events under way at once; or how many a second. */
  window?: number;
  perSecond?: number;
}

export interface Outcome {
  received: number;
  /** Events that did not reach everybody within the time. */
  incomplete: number;
  messagesPerSecond: number;
  bytesPerMessage: number;
  p50: number;
  p99: number;
}

const plan = JSON.parse(process.argv[2] ?? "{}") as Plan;
let firstSeq = 0;
const marker = '"seq":';
const receivers = plan.subscribers / plan.groups.length;
const counts = new Uint32Array(plan.events);
const sentAt = new Float64Array(plan.events);
const { seal } = plan.secret ? sealOf(plan.secret, plan.redisChannel) : { seal: (text: string) => text };
let times: number[] = [];
let bytes = 0;
let completed = 0;
let onCompleted = () => {};

function receive(payload: Buffer): void {
  const at = payload.indexOf(marker);
  if (at < 0) return;
  const event = Number.parseInt(payload.toString("latin1", at + marker.length, at + marker.length + 12), 10) - firstSeq;
  if (event < 0 || event >= plan.events) return;
  times.push(performance.now() - (sentAt[event] ?? 0));
  bytes += payload.length;
  const count = (counts[event] ?? 0) + 1;
  counts[event] = count;
  if (count === receivers) {
    completed++;
    onCompleted();
  }
}

function open(index: number): Promise<void> {
  const group = plan.groups[index % plan.groups.length] ?? "";
  const hello = (plan.hellos[index % plan.hellos.length] ?? []).map((text) => text.replace("@group@", group));
  return new Promise((resolve, reject) => {
    let isUpgraded = false;
    let isReady = false;
    let rest: Buffer | undefined;
    Bun.connect({
      hostname: "127.0.0.1",
      port: plan.port,
      socket: {
        open(socket) {
          socket.write(
            `GET ${plan.path.replace("@group@", group)} HTTP/1.1\r\nHost: 127.0.0.1:${plan.port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          );
        },
        data(socket, chunk) {
          let data = rest ? Buffer.concat([rest, chunk]) : chunk;
          if (!isUpgraded) {
            const end = data.indexOf("\r\n\r\n");
            if (end < 0) return;
            isUpgraded = true;
            for (const text of hello) socket.write(textFrame(text));
            data = data.subarray(end + 4);
          }
          const left = eachFrame(data, (payload) => {
            if (!isReady && payload.includes(plan.ready)) {
              isReady = true;
              resolve();
            } else if (payload.length === 4 && payload.toString() === "PING") socket.write(textFrame("PONG"));
            else receive(payload);
          });
          rest = left.length > 0 ? Buffer.from(left) : undefined;
        },
        close: () => reject(new Error("The server closed a socket")),
        error: (_, error) => reject(error),
        connectError: (_, error) => reject(error),
      },
    }).catch(reject);
  });
}

for (let opened = 0; opened < plan.subscribers; opened += 50) {
  await Promise.all(Array.from({ length: Math.min(50, plan.subscribers - opened) }, (_, i) => open(opened + i)));
}
console.log("ready");
const redis = await createClient({ url: plan.redis }).connect();
// The parent looks at the server's memory now, and answers with the number of the first event; once for each round.
for await (const line of console) {
  console.log(JSON.stringify(await round(Number(line))));
}
process.exit(0);

async function round(first: number): Promise<Outcome> {
  firstSeq = first;
  counts.fill(0);
  [times, bytes, completed] = [[], 0, 0];
  const began = performance.now();
  if (plan.window) await keepUnderWay(plan.window);
  else await atRate(plan.perSecond ?? 1);
  const seconds = (performance.now() - began) / 1000;
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    received: times.length,
    incomplete: plan.events - completed,
    messagesPerSecond: times.length / seconds,
    bytesPerMessage: bytes / times.length,
    p50: at(0.5),
    p99: at(0.99),
  };
}

function publish(event: number): void {
  sentAt[event] = performance.now();
  const group = plan.groups[event % plan.groups.length] ?? "";
  const message = plan.message.replaceAll("@seq@", String(firstSeq + event)).replaceAll("@group@", group);
  void redis.publish(plan.redisChannel, seal(message));
}

async function keepUnderWay(window: number): Promise<void> {
  let next = 0;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 60_000);
    onCompleted = () => {
      if (next < plan.events) publish(next++);
      else if (completed === plan.events) {
        clearTimeout(timer);
        resolve();
      }
    };
    while (next < window) publish(next++);
  });
}

async function atRate(perSecond: number): Promise<void> {
  const began = performance.now();
  for (let event = 0; event < plan.events; event++) {
    await Bun.sleep(Math.max(0, began + (event * 1000) / perSecond - performance.now()));
    publish(event);
  }
  while (completed < plan.events && performance.now() < began + 60_000) await Bun.sleep(10);
}
