import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../server/trpc/router.ts";
import type { Caller } from "./caller.ts";
import type { FactoryClient } from "./create-client.ts";
import { lostLease, NonRetryable } from "./errors.ts";
import { createLogBuffer, type LogEntry } from "./log-buffer.ts";
import { storable } from "./text.ts";

type Outputs = inferRouterOutputs<AppRouter>;
type Inputs = inferRouterInputs<AppRouter>;
export type Claim = Outputs["tasks"]["claim"][number];
export type Suggestion = Outputs["suggestions"]["wait"];
export type Artifact = Omit<Inputs["runs"]["artifact"], "runId" | "leaseToken" | "idempotencyKey">;
export type Result = Inputs["runs"]["complete"]["result"];
export type NewSuggestion = Omit<Inputs["suggestions"]["create"], "taskId" | "runId" | "leaseToken" | "idempotencyKey">;

/** One task in an agent's hands. */
export interface Job<Input = unknown> {
  task: Claim["task"];
  run: Claim["run"];
  /** Results of what the task depended on, earlier attempts, comments, rejections. */
  context: Claim["context"];
  /** The task's input, checked by the handler's schema when it has one. */
  input: Input;
  /** Aborts when the task was cancelled, the lease was lost or the agent has to stop: stop working, report nothing. */
  signal: AbortSignal;
  /** Says how far it is, 0 to 100. */
  progress(percent: number, note?: string): Promise<void>;
  /** Adds a line to the run's log; sent in order, in the background. */
  log(text: string, level?: LogEntry["level"]): void;
  /** Asks people before acting. With `wait` it resolves to the suggestion once it is decided, withdrawn or expired. */
  suggest(suggestion: NewSuggestion & { wait?: boolean }): Promise<Suggestion>;
  comment(text: string): Promise<void>;
  /** What people read of the outcome before they look at the result, handed in with it: the last one given, to 10,000 characters. */
  summary(text: string): void;
  artifact(artifact: Artifact): Promise<void>;
  /** Comments that people wrote on the task since it was claimed, newest last. */
  comments: { id: string; author: string; text: string }[];
}

export interface OpenJob extends Job {
  lastSummary(): string | undefined;
  flushLog(): Promise<void>;
}

const waitMs = 25_000;
const maxSummary = 10_000;
const maxArtifactBytes = 4_000_000;

/** The way to the factory. */
export interface Line extends Caller {
  client: FactoryClient;
  /** Told of what went wrong outside the handlers. */
  onError(error: unknown): void;
}

/**
 * A job whose every write carries its run's lease. Writes are repeated until the server answers or the job is aborted,
 * and a write that the server refuses because the lease is gone aborts it.
 */
export function openJob({ client, persist, onError }: Line, claim: Claim, abort: AbortController): OpenJob {
  const { signal } = abort;
  const lease = { runId: claim.run.id, leaseToken: claim.run.leaseToken };
  const taskId = claim.task.id;
  let summary: string | undefined;

  async function write<Answer>(call: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    try {
      return await persist({ signal }, call);
    } catch (error) {
      const reason = lostLease(error);
      if (reason) abort.abort(new Error(`The lease is gone: ${reason}`));
      throw error;
    }
  }

  const log = createLogBuffer({
    async send(entries, offset) {
      await write((signal) => client.runs.log.mutate({ ...lease, offset, entries }, { signal }));
    },
    onRefused(error, entries) {
      // Whoever lost the run was told so; its last lines are of no use.
      if (signal.aborted) return;
      const why = error instanceof Error ? error.message : String(error);
      onError(new Error(`${entries.length} log lines of “${claim.task.name}” are lost: ${why}`, { cause: error }));
    },
  });

  async function decisionOn(id: string): Promise<Suggestion> {
    for (;;) {
      const suggestion = await persist({ signal, timeoutMs: waitMs + 15_000 }, (signal) =>
        client.suggestions.wait.mutate({ id, waitMs }, { signal }),
      );
      if (suggestion.status !== "pending") return suggestion;
      signal.throwIfAborted();
    }
  }

  return {
    ...claim,
    input: claim.task.input,
    signal,
    comments: [],
    progress: async (percent, note) => {
      const body = { ...lease, percent, ...(note && { note }) };
      await write((signal) => client.runs.progress.mutate(body, { signal }));
    },
    log: (text, level = "info") => log.add(level, text),
    flushLog: log.flush,
    suggest: async ({ wait = false, ...suggestion }) => {
      const idempotencyKey = crypto.randomUUID();
      const body = { ...suggestion, ...lease, taskId, idempotencyKey };
      const made = await write((signal) => client.suggestions.create.mutate(body, { signal }));
      return wait ? decisionOn(made.id) : made;
    },
    comment: async (text) => {
      const idempotencyKey = crypto.randomUUID();
      await write((signal) => client.comments.create.mutate({ taskId, text, idempotencyKey }, { signal }));
    },
    summary: (text) => {
      summary = storable(text, maxSummary);
    },
    lastSummary: () => summary,
    artifact: async (artifact) => {
      refuseTooBig(artifact);
      const body = { ...lease, ...artifact, idempotencyKey: crypto.randomUUID() };
      await write((signal) => client.runs.artifact.mutate(body, { signal }));
    },
  };
}

/** The factory would refuse it too, but a proxy or its own limit of a call might do so first, and name no artifact. */
function refuseTooBig({ name, content = "" }: Artifact): void {
  const bytes = Buffer.byteLength(content);
  if (bytes <= maxArtifactBytes) return;
  throw new NonRetryable(
    `The artifact ${name} has ${bytes.toLocaleString("en")} bytes as it is sent. Keep an artifact to ${maxArtifactBytes.toLocaleString("en")}, or hand in a URL.`,
  );
}
