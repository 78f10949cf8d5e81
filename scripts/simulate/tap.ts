import type { Fetch } from "../../client/create-client.ts";
import type { Ledger } from "./ledger.ts";

/** One procedure's answer as it came over the wire. */
interface Answer {
  result?: { data: { json: unknown } };
  error?: { json: { message: string; data: { code: string; reason?: string } } };
}

export interface Count {
  claims: number;
  completions: number;
  failures: number;
  suggestions: number;
  refused: number;
  errors: number;
}
export const noCount = (): Count => ({ claims: 0, completions: 0, failures: 0, suggestions: 0, refused: 0, errors: 0 });

export const timedCalls = ["claim", "heartbeat", "complete", "log"] as const;
type TimedCall = (typeof timedCalls)[number];

const leaseIsGone = new Set(["lease_expired", "other_holder", "terminal"]);

/**
 * Watches every call of every agent where it leaves the process, so that honest and dishonest agents are judged alike:
 * how long it took, what was claimed, which ends were acknowledged and which refused.
 */
export class Tap {
  readonly times: Record<TimedCall, number[]> = { claim: [], heartbeat: [], complete: [], log: [] };
  readonly byProfile = new Map<string, Count>();
  /** What went wrong and how often. */
  readonly errors = new Map<string, number>();

  constructor(readonly ledger: Ledger) {}

  /** The fetch for one agent's client. */
  fetchFor(agent: string, profile: string): Fetch {
    const count = this.byProfile.get(profile) ?? noCount();
    this.byProfile.set(profile, count);
    return async (url, init) => {
      const asked = performance.now();
      let response: Response;
      try {
        response = await fetch(url, init);
      } catch (error) {
        // A call that the agent itself gave up says nothing about the factory.
        if (!init?.signal?.aborted) this.#error(count, `no answer: ${error instanceof Error ? error.message : error}`);
        throw error;
      }
      const body = await response.text();
      this.#note({ agent, count, asked }, new URL(url), String(init?.body ?? ""), body);
      return new Response(body, response);
    };
  }

  #note(
    call: { agent: string; count: Count; asked: number },
    { pathname, searchParams }: URL,
    asked: string,
    got: string,
  ) {
    const paths = (pathname.split("/trpc/")[1] ?? "").split(",");
    const isBatch = searchParams.has("batch");
    const answers = parsed<Answer | Answer[]>(got);
    if (!answers) return this.#error(call.count, `an answer that is no JSON: ${got.slice(0, 80)}`);
    // A batch that fails as a whole is answered by one error.
    const each = Array.isArray(answers) ? answers : [answers];
    const bodies = asked ? parsed<Record<string, { json: unknown }>>(asked) : undefined;
    paths.forEach((path, i) => {
      const body = (isBatch ? bodies?.[i]?.json : (bodies as { json?: unknown } | undefined)?.json) ?? {};
      this.#noteOne(call, path, body, each[i] ?? each[0] ?? {});
    });
  }

  #noteOne(
    { agent, count, asked }: { agent: string; count: Count; asked: number },
    path: string,
    body: object,
    answer: Answer,
  ) {
    const ms = performance.now() - asked;
    const error = answer.error?.json;
    const reason = error?.data.reason ?? "";
    if (error && !leaseIsGone.has(reason)) return this.#error(count, `${path}: ${error.data.code} ${error.message}`);
    const { runId = "", result } = body as { runId?: string; result?: unknown };
    if (error) {
      count.refused++;
      const isEnd = path === "runs.complete" || path === "runs.fail";
      if (isEnd) this.ledger.refused({ runId, agent, reason });
      return;
    }
    const got = answer.result?.data.json;
    switch (path) {
      case "tasks.claim":
        for (const { task, run } of got as { task: { id: string }; run: { id: string; attempt: number } }[]) {
          count.claims++;
          const waited = this.ledger.claimed(agent, { taskId: task.id, runId: run.id, attempt: run.attempt }, asked);
          if (waited !== null) this.times.claim.push(waited);
        }
        break;
      case "agents.heartbeat":
        this.times.heartbeat.push(ms);
        break;
      case "runs.log":
        this.times.log.push(ms);
        break;
      case "runs.complete":
        count.completions++;
        this.times.complete.push(ms);
        this.ledger.completed(agent, { runId, taskId: (got as { taskId: string }).taskId, result });
        break;
      case "runs.fail":
        count.failures++;
        break;
      case "suggestions.create":
        count.suggestions++;
        break;
    }
  }

  #error(count: Count, what: string): void {
    count.errors++;
    this.errors.set(what, (this.errors.get(what) ?? 0) + 1);
  }
}

function parsed<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
