import type { Job } from "./job.ts";

/** Anything with zod's `parse`. */
export interface Schema<Output> {
  parse(input: unknown): Output;
}

/** What a schema takes, where it says so (https://standardschema.dev); else what it makes of it. */
type Taken<S> = S extends { "~standard": { types?: { input: infer Input } | undefined } }
  ? Input
  : S extends Schema<infer Output>
    ? Output
    : never;

export type Handler = (job: Job) => unknown;

/**
 * A handler whose input is checked before it runs, and its result before it is reported: what does not fit the schema
 * fails the task at once, with the schema's own message.
 */
export function handler<Input, Output extends Schema<unknown> = Schema<unknown>>(options: {
  input: Schema<Input>;
  /** Says what `run` has to return. */
  output?: Output;
  run(job: Job<Input>): Taken<Output> | Promise<Taken<Output>>;
}): Handler {
  return async (job) => {
    const result = await options.run({ ...job, input: options.input.parse(job.input) });
    return options.output ? options.output.parse(result) : result;
  };
}

/**
 * The handler for a task: that of the first required capability which has one, else that of "*". A task that requires
 * nothing goes to "*", or to the only handler there is.
 */
export function handlerFor(handlers: Record<string, Handler>, requiredCapabilities: string[]): Handler | undefined {
  const named = requiredCapabilities.find((capability) => Object.hasOwn(handlers, capability));
  if (named) return handlers[named];
  if (Object.hasOwn(handlers, "*")) return handlers["*"];
  const all = Object.values(handlers);
  return requiredCapabilities.length === 0 && all.length === 1 ? all[0] : undefined;
}
