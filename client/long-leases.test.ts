import { afterAll, beforeAll, expect, test } from "bun:test";
import { startFactory } from "./testing.ts";

/** No lease ends while a server starts again or megabytes are written, however busy the machine is. */
let factory: Awaited<ReturnType<typeof startFactory>>;
beforeAll(async () => {
  factory = await startFactory({ leaseSeconds: 60 });
}, 60_000);
afterAll(() => factory.remove());

test("big files that are handed in at once arrive, each in a call of its own", async () => {
  const agent = await factory.anAgent("files", async (job) => {
    const big = (i: number) => ({ name: `${i}.txt`, mime: "text/plain", content: String(i).repeat(4_000_000) });
    await Promise.all([1, 2, 3].map((i) => job.artifact(big(i))));
    return "all three";
  });
  const task = await factory.aTask("files");
  expect((await task.is("completed", 50)).result).toBe("all three");
  const [run] = await factory.api.runs.byTask.query({ taskId: task.id });
  expect(run?.artifacts.map(({ name, size }) => `${name} ${size}`).sort()).toEqual([
    "1.txt 4000000",
    "2.txt 4000000",
    "3.txt 4000000",
  ]);
  await agent.stop();
}, 60_000);

test("the server is killed and started again in the middle of a job: the job goes on and completes", async () => {
  let finish = () => {};
  const agent = await factory.anAgent("survive", async () => {
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return "still here";
  });
  const task = await factory.aTask("survive");
  await task.is("in_progress");
  await factory.restart("SIGKILL");
  finish();
  expect((await task.is("completed")).result).toBe("still here");
  await agent.stop();
}, 60_000);
