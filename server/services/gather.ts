export type Settled<Answer> = { ok: true; answer: Answer } | { ok: false; error: unknown };

/**
 * Gathers calls into batches without a timer: while a batch is in flight, calls that arrive wait and go together in
 * the next. A lone call pays nothing; under load a transaction is shared by all who came meanwhile. Each call is
 * answered on its own. When a whole batch fails, its calls are tried one by one, so that nobody fails for another's sake.
 */
export function gather<Request, Answer>(
  work: (requests: Request[]) => Promise<Settled<Answer>[]>,
  { max = 100, inFlight = 1 } = {},
): (request: Request) => Promise<Answer> {
  type Waiting = { request: Request; resolve(answer: Answer): void; reject(error: unknown): void };
  const waiting: Waiting[] = [];
  let running = 0;

  async function next(): Promise<void> {
    running++;
    while (waiting.length > 0) {
      // The embedded database runs a batch without a pause: without this one, nobody could arrive meanwhile.
      await new Promise(setImmediate);
      await runBatch(waiting.splice(0, max));
    }
    running--;
  }

  async function runBatch(batch: Waiting[]): Promise<void> {
    let settled: Settled<Answer>[];
    try {
      settled = await work(batch.map((call) => call.request));
    } catch (error) {
      if (batch.length > 1) {
        for (const call of batch) await runBatch([call]);
        return;
      }
      settled = batch.map(() => ({ ok: false, error }));
    }
    batch.forEach((call, i) => {
      const outcome = settled[i] ?? { ok: false, error: new Error("A batch left a call without an answer") };
      if (outcome.ok) call.resolve(outcome.answer);
      else call.reject(outcome.error);
    });
  }

  return (request) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ request, resolve, reject });
      if (running < inFlight) void next();
    });
}

export const settled = <Answer>(answer: Answer): Settled<Answer> => ({ ok: true, answer });
export const refused = (error: Error): Settled<never> => ({ ok: false, error });

/** One gatherer per database, made when it is first used. */
export function gathererFor<Request, Answer>(
  work: (requests: Request[]) => Promise<Settled<Answer>[]>,
  options?: { max?: number; inFlight?: number },
): (owner: object, request: Request) => Promise<Answer> {
  const gatherers = new WeakMap<object, (request: Request) => Promise<Answer>>();
  return (owner, request) => {
    let ask = gatherers.get(owner);
    if (!ask) {
      ask = gather(work, options);
      gatherers.set(owner, ask);
    }
    return ask(request);
  };
}
