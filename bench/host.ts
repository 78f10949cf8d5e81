import postgres from "postgres";
import { openDatabase } from "../db/client.ts";
import { migrate } from "../db/migrate.ts";
import { agents, tasks, workflows } from "../db/schema/index.ts";
import { Finished } from "../server/services/agents/finished.ts";
import { createBackground } from "../server/services/background.ts";
import type { AgentCtx, Host } from "../server/services/context.ts";
import { Presence } from "../server/services/presence.ts";
import { bottomKey } from "../server/services/tasks/position.ts";
import { WorkSignal } from "../server/services/work-signal.ts";

/** A host on a database of its own, which `close` drops. Without a server's URL it is the embedded one, in memory. */
export async function benchHost(
  server: string | undefined,
): Promise<{ host: Host; url?: string; close(): Promise<void> }> {
  const name = `wf_bench_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = server ? postgres(server, { max: 1, onnotice: () => {} }) : undefined;
  await admin?.unsafe(`create database ${name}`);
  const url = server && Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const db = await openDatabase({ url, poolSize: 10 });
  await migrate(db, url);
  const host: Host = {
    db,
    work: new WorkSignal(),
    decisions: new WorkSignal(),
    presence: new Presence(),
    finished: new Finished(),
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

/** Pending tasks over as many workflows as come to a thousand tasks each; answers with one workflow's id. */
export async function addBacklog(host: Host, count: number): Promise<string> {
  let workflowId = "";
  for (let left = count; left > 0; left -= 1000) {
    const [workflow] = await host.db.orm.insert(workflows).values({ name: "Bench" }).returning();
    workflowId = workflow?.id ?? "";
    const rows = Array.from({ length: Math.min(1000, left) }, (_, i) => ({
      workflowId,
      name: `Bench task ${i}`,
      position: bottomKey(),
    }));
    await host.db.orm.insert(tasks).values(rows);
  }
  if (host.db.kind === "postgres") await host.db.query("analyze tasks");
  return workflowId;
}

export async function addAgents(host: Host, count: number): Promise<AgentCtx[]> {
  const rows = await host.db.orm
    .insert(agents)
    .values(Array.from({ length: count }, (_, i) => ({ name: `bench-${i}`, maxConcurrent: 1000 })))
    .returning();
  return rows.map(({ id, name }) => ({ ...host, actor: { type: "agent", id, name, tokenId: "" }, requestId: "bench" }));
}
