import type { benchServer } from "./server.ts";

type Api = Awaited<ReturnType<typeof benchServer>>["api"];

/** So many tasks, by the API, in workflows of 200. */
export async function fill(api: Api, tasks: number): Promise<void> {
  const perWorkflow = 200;
  for (let made = 0; made < tasks; made += perWorkflow) {
    await api.workflows.create.mutate({
      name: `Bench ${made / perWorkflow}`,
      tasks: Array.from({ length: perWorkflow }, (_, i) => ({ key: `t${i}`, name: `Bench task ${made + i}` })),
    });
  }
}

export type Call = ReturnType<typeof caller>;
/** An agent that calls with its token. */
export interface Caller {
  id: string;
  call: Call;
}

/** Calls procedures with plain `fetch`, so that it is the server that is measured; several inputs go in one batch. */
export function caller(url: string, headers: Record<string, string>) {
  return async (procedure: string, ...inputs: object[]): Promise<unknown[]> => {
    const isBatch = inputs.length > 1;
    const path = isBatch ? `${inputs.map(() => procedure).join(",")}?batch=1` : procedure;
    const body = isBatch ? Object.fromEntries(inputs.map((json, i) => [i, { json }])) : { json: inputs[0] };
    const answer = await fetch(`${url}/trpc/${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.status !== 200)
      throw new Error(`${procedure} was answered with ${answer.status}: ${await answer.text()}`);
    const results = (await answer.json()) as Result | Result[];
    return [results].flat().map((result) => result.result.data.json);
  };
}

interface Result {
  result: { data: { json: unknown } };
}

export type Claims = { task: { id: string }; run: { id: string; leaseToken: string } }[];
export const leaseOf = ({ run }: Claims[number]) => ({ runId: run.id, leaseToken: run.leaseToken });

export async function claim(call: Call, input: { max?: number; waitMs?: number }): Promise<Claims> {
  const [claims] = await call("tasks.claim", input);
  return claims as Claims;
}

/** So many agents with tokens of their own. */
export function addCallers(api: Api, url: string, count: number): Promise<Caller[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const { agent, token } = await api.agents.create.mutate({ name: `bench-${i}`, maxConcurrent: 1000 });
      return { id: agent.id, call: caller(url, { authorization: `Bearer ${token}` }) };
    }),
  );
}
