import { setTimeout as pause } from "node:timers/promises";
import type { Job } from "../../client/index.ts";

/** Milliseconds between two batches, so that people can follow the work; DEMO_PACE_MS=0 works at full speed. */
const paceMs = Number(process.env.DEMO_PACE_MS ?? 300);

/** Works through the items batch by batch, reports how far it is after each, and stops when the job is taken away. */
export async function inBatches<Item>(
  job: Pick<Job, "signal" | "progress">,
  items: readonly Item[],
  { size, noun }: { size: number; noun: string },
  work: (item: Item) => Promise<void>,
): Promise<void> {
  for (let done = 0; done < items.length; ) {
    job.signal.throwIfAborted();
    const batch = items.slice(done, done + size);
    await Promise.all(batch.map(work));
    done += batch.length;
    await job.progress(Math.floor((done / items.length) * 95), `${done} of ${items.length} ${noun}`);
    if (paceMs > 0) await pause(paceMs, undefined, { signal: job.signal });
  }
}
