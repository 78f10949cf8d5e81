import { listAgents, listAgentsInput } from "../server/services/agents/list.ts";
import { listAudit, listAuditInput } from "../server/services/audit/list.ts";
import type { AgentCtx, Ctx, Host } from "../server/services/context.ts";
import { asSystem } from "../server/services/context.ts";
import { summarise } from "../server/services/dashboard/summary.ts";
import { boardInput, readBoard } from "../server/services/tasks/board.ts";
import { listTasks, listTasksInput } from "../server/services/tasks/list.ts";
import { listWorkflows, listWorkflowsInput } from "../server/services/workflows/list.ts";
import { fillFactory, type Size } from "../tests/support/full-factory.ts";
import { addAgents, benchHost } from "./host.ts";
import { type Figure, heading, inTurn, row } from "./measure.ts";
import { singleCycle } from "./queue.ts";
import { benchServer } from "./server.ts";

const workers = 32;
const few = 10_000;
const many = 1_000_000;

/** What a hundred times as much costs: the same contender on a small and on a large factory, in turn, in one run. */
export async function benchMillion(server: string | undefined): Promise<void> {
  if (!server) return;
  await growFinished(server);
  await growPending(server);
  await growBoard(server);
}

type Cycle = (worker: number) => Promise<boolean>;

async function growFinished(server: string): Promise<void> {
  const small = await filledHost(server, { finished: few, pending: 40_000 });
  const large = await filledHost(server, { finished: many, pending: 40_000 });
  try {
    console.log(heading(`claim + complete, ${workers} workers, 10,000 and 1,000,000 finished tasks`, "10,000"));
    await compare(workers, singleCycle(await ableAgents(small.host)), singleCycle(await ableAgents(large.host)));
    for (const [what, read] of Object.entries(reads)) {
      console.log(heading(`${what}, 10,000 and 1,000,000 finished tasks`, "10,000"));
      await compare(4, readingOf(small.host, read), readingOf(large.host, read));
    }
  } finally {
    await small.close();
    await large.close();
  }
}

/** A quarter of those that wait is not ready. */
const claimable = (count: number) => Math.ceil((count * 4) / 3);

async function growPending(server: string): Promise<void> {
  const small = await filledHost(server, { finished: few, pending: claimable(few) });
  const large = await filledHost(server, { finished: few, pending: claimable(many) });
  try {
    console.log(heading(`claim + complete, ${workers} workers, 10,000 and 1,000,000 claimable tasks`, "10,000"));
    await compare(workers, singleCycle(await ableAgents(small.host)), singleCycle(await ableAgents(large.host)));
  } finally {
    await small.close();
    await large.close();
  }
}

const reads: Record<string, (ctx: Ctx) => Promise<unknown>> = {
  "the board": (ctx) => readBoard(ctx, boardInput.parse({})),
  "the board by a label": (ctx) => readBoard(ctx, boardInput.parse({ label: "common" })),
  "the board by a word": (ctx) => readBoard(ctx, boardInput.parse({ search: "licences" })),
  "the newest tasks": (ctx) => listTasks(ctx, listTasksInput.parse({})),
  "completed tasks by due date": (ctx) => listTasks(ctx, listTasksInput.parse({ status: "completed", sort: "due" })),
  workflows: (ctx) => listWorkflows(ctx, listWorkflowsInput.parse({ sort: "updated" })),
  agents: (ctx) => listAgents(ctx, listAgentsInput.parse({})),
  "the audit log": (ctx) => listAudit(ctx, listAuditInput.parse({ action: "cancelled" })),
  "the dashboard": (ctx) => summarise(ctx),
};

const readingOf =
  (host: Host, read: (ctx: Ctx) => Promise<unknown>): Cycle =>
  async () => {
    await read(asSystem(host));
    return true;
  };

/** Prints both, the large one with its share of the small one's throughput. */
async function compare(concurrency: number, small: Cycle, large: Cycle): Promise<void> {
  const figures = await inTurn(concurrency, { "10,000": small, "1,000,000": large }, { rounds: 4, seconds: 0.8 });
  print(figures);
}

function print(figures: [string, Figure][]): void {
  const [, first] = figures[0] ?? [];
  figures.forEach(([what, figure], i) => {
    console.log(row(what, figure, i > 0 ? first : undefined));
  });
}

async function filledHost(server: string, size: Pick<Size, "finished" | "pending">) {
  const bench = await benchHost(server);
  await fillFactory(bench.host.db, {
    ...size,
    inProgress: 100,
    agents: 200,
    workflows: 1_000,
    runs: size.finished * 0.3,
  });
  return bench;
}

/** Agents that can do every kind of task there is. */
async function ableAgents(host: Host): Promise<AgentCtx[]> {
  const agents = await addAgents(host, workers);
  await host.db.query(
    `update agents set capabilities = (select array_agg('skill-' || i) from generate_series(0, 9) i) where id = any($1::uuid[])`,
    [agents.map(({ actor }) => actor.id)],
  );
  return agents;
}

/** The board's page as a signed-in browser gets it, 25 cards a column: time and bytes. */
async function growBoard(server: string): Promise<void> {
  console.log(heading("GET /tasks, 200 and 4,000 cards, 8 connections", "200"));
  const small = await boardOf(server, 200);
  const large = await boardOf(server, 4_000);
  try {
    print(
      await inTurn(8, {
        [`200 cards, ${small.kilobytes} KB`]: small.cycle,
        [`4,000 cards, ${large.kilobytes} KB`]: large.cycle,
      }),
    );
  } finally {
    await small.close();
    await large.close();
  }
}

async function boardOf(server: string, cards: number) {
  const { url, cookie, api, close } = await benchServer(server);
  for (let made = 0; made < cards; made += 200) {
    const tasks = Array.from({ length: 200 }, (_, i) => ({ key: `t${i}`, name: `Card ${made + i}` }));
    await api.workflows.create.mutate({ name: `Board ${made}`, tasks });
  }
  const page = async () => {
    const answer = await fetch(`${url}/tasks`, { headers: { cookie } });
    if (!answer.ok) throw new Error(`The board was answered with ${answer.status}`);
    return (await answer.arrayBuffer()).byteLength;
  };
  const kilobytes = Math.round((await page()) / 1024);
  return { kilobytes, close, cycle: async () => (await page()) > 0 };
}
