import type { Socket } from "bun";
import { startServer } from "../tests/support/server.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import { until } from "../tests/support/until.ts";
import type { Fetch } from "./create-client.ts";
import { type AgentOptions, runAgent } from "./run-agent.ts";

/** A factory, with leases of three seconds unless said otherwise, and what tests of the client do with it. */
export async function startFactory({ leaseSeconds = 3 } = {}) {
  let server = await startServer({ env: { LEASE_SECONDS: String(leaseSeconds), SWEEP_SECONDS: "1" } });
  const api = personClient(server.url, await signIn(server.url));
  return {
    api,
    url: server.url,
    async restart(signal: NodeJS.Signals) {
      server = await server.restart(signal);
    },
    remove: () => server.remove(),

    /** A registered agent that runs in this process until the test ends it. */
    async anAgent(capability: string, work: AgentOptions["handlers"][string], more: Partial<AgentOptions> = {}) {
      const name = `${capability}-${crypto.randomUUID().slice(0, 6)}`;
      const { agent, token } = await api.agents.create.mutate({ name, capabilities: [capability], maxConcurrent: 10 });
      const stop = new AbortController();
      const done = runAgent({ url: server.url, token, signal: stop.signal, handlers: { [capability]: work }, ...more });
      return {
        id: agent.id,
        stop: async () => {
          stop.abort();
          await done;
        },
      };
    },

    async aTask(capability: string, more: { input?: unknown; maxAttempts?: number } = {}) {
      const { id, tasks } = await api.workflows.create.mutate({
        name: `About ${capability}`,
        tasks: [{ key: "only", name: "The task", requiredCapabilities: [capability], ...(more as object) }],
      });
      const taskId = tasks[0]?.id ?? "";
      return {
        id: taskId,
        workflowId: id,
        is(status: string, seconds?: number) {
          const isSo = async () => {
            const task = await api.tasks.byId.query({ id: taskId });
            return task.status === status && task;
          };
          return until(`the task is ${status}`, isSo, seconds);
        },
      };
    },
  };
}

/** The name of the procedure that this request calls. */
export const procedureOf = (url: string) => new URL(url).pathname.replace("/trpc/", "");

/** A connection that is cut after the factory has taken the first call of each of these, and before its answer. */
export function losesAnswers(...procedures: string[]): Fetch {
  const left = new Set(procedures);
  return async (url, init) => {
    const answer = await fetch(url, init);
    if (!left.delete(procedureOf(url))) return answer;
    await answer.arrayBuffer();
    throw new TypeError("The connection was cut");
  };
}

/** A network between an agent and its server that can fall silent: connections stay open and nothing comes through. */
export function network(serverUrl: string) {
  const { hostname, port } = new URL(serverUrl);
  let isSilent = false;
  const open = new Set<Socket<undefined>>();
  const proxy = Bun.listen<{ waiting: Buffer[]; upstream?: Socket<undefined> }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async open(client) {
        client.data = { waiting: [] };
        const upstream = await Bun.connect({
          hostname,
          port: Number(port),
          socket: {
            data: (_, chunk) => void (isSilent || client.write(chunk)),
            close: () => void client.end(),
          },
        }).catch(() => undefined);
        // The server is down: so is the way to it.
        if (!upstream) return void client.end();
        open.add(upstream);
        for (const chunk of client.data.waiting) upstream.write(chunk);
        client.data.upstream = upstream;
      },
      data(client, chunk) {
        if (isSilent) return;
        if (client.data.upstream) client.data.upstream.write(chunk);
        else client.data.waiting.push(Buffer.from(chunk));
      },
      close: (client) => void client.data.upstream?.end(),
    },
  });
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    fallSilent() {
      isSilent = true;
    },
    comeBack() {
      isSilent = false;
    },
    close() {
      for (const upstream of open) upstream.end();
      proxy.stop(true);
    },
  };
}
