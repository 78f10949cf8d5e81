import postgres from "postgres";
import { openDatabase } from "../db/client.ts";
import { migrate } from "../db/migrate.ts";
import { agents, workflows } from "../db/schema/index.ts";
import { Renewals } from "../server/services/agents/renewals.ts";
import { createBackground } from "../server/services/background.ts";
import { Calls } from "../server/services/calls.ts";
import type { AgentCtx, Host } from "../server/services/context.ts";
import { Presence } from "../server/services/presence.ts";
import { ClaimFloors } from "../server/services/tasks/claim-floor.ts";
import { WorkSignal } from "../server/services/work-signal.ts";

/** A host on a database of its own, which `close` drops. Without a server's URL it is the embedded one, in memory. */
export async function benchHost(
  server: string | undefined,
): Promise<{ host: Host; url?: string; close(): Promise<void> }> {
  const name = `wf_bench_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = server ? postgres(server, { max: 1, onnotice: () => {} }) : undefined;
  await admin?.unsafe(`create database ${name}`);
  const url = server && Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const db = await openDatabase({ url, poolSize: 16 });
  await migrate(db, url);
  const host: Host = {
    db,
    work: new WorkSignal(),
    floors: new ClaimFloors(),
    decisions: new WorkSignal(),
    calls: new Calls(),
    presence: new Presence(),
    renewals: new Renewals(),
    config: { leaseSeconds: 60, agentOfflineSeconds: 45 },
    background: createBackground((name, error) => console.error(name, error)),
    announce: () => {},
  };
  return {
    host,
    ...(url && { url }),
    close: async () => {
      await host.background.drain();
      await db.close();
      await admin?.unsafe(`drop database ${name} with (force)`);
      await admin?.end();
    },
  };
}

/** Pending tasks, in turn of as many workflows as come to a thousand tasks each; answers with one workflow's id. */
export async function addBacklog({ db }: Host, count: number): Promise<string> {
  const many = Math.floor(count / 1000) + 1;
  const rows = await db.orm
    .insert(workflows)
    .values(Array.from({ length: many }, (_, i) => ({ name: `Bench ${i}` })))
    .returning();
  await db.query(
    `insert into tasks (id, workflow_id, name, position)
     select id, ($1::uuid[])[1 + i % $3::int], 'Bench task ' || i, 'h' || lpad(i::text, 10, '0')
     from unnest($2::uuid[]) with ordinality as t(id, i)`,
    [rows.map((row) => row.id), Array.from({ length: count }, () => Bun.randomUUIDv7()), many],
  );
  await db.query("analyze tasks");
  return rows[0]?.id ?? "";
}

export async function addAgents(host: Host, count: number): Promise<AgentCtx[]> {
  const rows = await host.db.orm
    .insert(agents)
    .values(Array.from({ length: count }, (_, i) => ({ name: `bench-${i}`, maxConcurrent: 1000 })))
    .returning();
  return rows.map(({ id, name }) => ({ ...host, actor: { type: "agent", id, name, tokenId: "" }, requestId: "bench" }));
}
