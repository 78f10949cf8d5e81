import { createClient } from "../../client/create-client.ts";

/** What a process of readers is asked to do, as JSON in its first argument. */
export interface Readers {
  /** One reader for each: where, and with which token. */
  each: { url: string; token: string }[];
  /** Resume after this cursor instead of starting now. */
  since?: string | undefined;
}

/** What it says to each line that comes in. */
export interface Report {
  /** When they began to connect; times are milliseconds since 1970. */
  startedAt: number;
  /** How often they were told "connected". */
  connected: number;
  resets: number;
  /** Different events seen, one count for each reader. */
  seen: number[];
}

/** What it says to the line "details", once. */
export interface Details {
  /** From an event's `sentAt` to each reader, in milliseconds. */
  times: number[];
  /** By the event's number: when each reader had it first. Only of a few readers. */
  arrivals: [seq: number, at: number[]][];
}

const { each, since } = JSON.parse(process.argv[2] ?? "{}") as Readers;
const seen = each.map(() => new Set<number>());
let connected = 0;
let resets = 0;
let times: number[] = [];
let arrivals = new Map<number, number[]>();
const now = () => performance.timeOrigin + performance.now();
const startedAt = now();

/** The typed client as agents use it: tRPC's own, with full jitter before it connects again. */
each.forEach(({ url, token }, reader) => {
  createClient({ url, token }).events.stream.subscribe(
    { channels: ["tasks"], lastEventId: since },
    {
      onData({ data }) {
        if (data.type === "connected") connected++;
        else if (data.type === "reset") resets++;
        else receive(reader, data.seq, (data.data as { sentAt?: number }).sentAt);
      },
    },
  );
});

function receive(reader: number, seq: number, sentAt: number | undefined): void {
  if (seen[reader]?.has(seq)) return;
  seen[reader]?.add(seq);
  const at = now();
  if (sentAt !== undefined) times.push(at - sentAt);
  if (each.length > 10) return;
  const all = arrivals.get(seq) ?? [];
  all[reader] = at;
  arrivals.set(seq, all);
}

for await (const line of console) {
  const report: Report = { startedAt, connected, resets, seen: seen.map(({ size }) => size) };
  const details: Details = { times, arrivals: [...arrivals] };
  if (line === "details") [times, arrivals] = [[], new Map()];
  console.log(JSON.stringify(line === "details" ? details : report));
}
// Its parent has gone.
process.exit(0);
