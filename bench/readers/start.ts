import type { Details, Readers, Report } from "./process.ts";

export type RunningReaders = Awaited<ReturnType<typeof startReaders>>;

/** Readers in a process of their own, connected. */
export async function startReaders(readers: Readers) {
  const file = new URL("./process.ts", import.meta.url).pathname;
  const child = Bun.spawn([process.execPath, file, JSON.stringify(readers)], { stdin: "pipe", stdout: "pipe" });
  const chunks = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";

  async function ask<Answer>(question: "report" | "details"): Promise<Answer> {
    child.stdin.write(`${question}\n`);
    child.stdin.flush();
    while (!text.includes("\n")) {
      const { value, done } = await chunks.read();
      if (done) throw new Error("The readers' process has ended");
      text += value;
    }
    const end = text.indexOf("\n");
    const line = text.slice(0, end);
    text = text.slice(end + 1);
    return JSON.parse(line);
  }

  const report = () => ask<Report>("report");

  /** Asks until the answer will do; throws after `seconds`. */
  async function until(what: string, isIt: (report: Report) => boolean, seconds = 60): Promise<Report> {
    const deadline = performance.now() + seconds * 1000;
    while (performance.now() < deadline) {
      const said = await report();
      if (isIt(said)) return said;
      await Bun.sleep(10);
    }
    throw new Error(`This did not come about within ${seconds} s: ${what}`);
  }

  await until("all readers are connected", ({ connected }) => connected >= readers.each.length);
  return {
    report,
    /** What was gathered since the last time. */
    details: () => ask<Details>("details"),
    until,
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    async stop() {
      child.kill("SIGKILL");
      await child.exited;
    },
  };
}
