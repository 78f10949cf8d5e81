import type { Database } from "../../db/client.ts";
import type { TcpProxy } from "../support/proxy.ts";
import { writeHeavyEvents } from "./heavy.ts";
import { pick, randomOf, type Stage } from "./stage.ts";
import { heavyChannel } from "./truth.ts";
import type { Loop } from "./writers.ts";

const workMs = 13_000;

/** Runs the loops for the time of the test, while an instance is killed, Redis goes away and another instance freezes. */
export async function disturbed({ instances, redis }: Stage, loops: Loop[]): Promise<void> {
  const random = randomOf("nemesis");
  const [victim, frozen] = [pick([...instances.keys()], random), pick([...instances.keys()], random)];
  let isOver = false;
  const running = loops.map(async (step) => {
    for (let turn = 0; !isOver; turn++) await step(turn);
  });
  const end = Bun.sleep(workMs);

  await Bun.sleep(2000);
  const killed = instances[victim];
  if (killed) instances[victim] = await killed.restart("SIGKILL");
  await Bun.sleep(1000);
  redis.refuse(true);
  await Bun.sleep(2000);
  redis.refuse(false);
  const pid = instances[frozen]?.pid;
  if (pid) process.kill(pid, "SIGSTOP");
  await Bun.sleep(2500);
  if (pid) process.kill(pid, "SIGCONT");

  await end;
  isOver = true;
  await Promise.all(running);
}

/** Cuts a third of the lines now and then. */
export function cutter(lines: TcpProxy[]): Loop {
  const random = randomOf("cutter");
  return async () => {
    await Bun.sleep(200 + random() * 600);
    for (const line of lines) if (random() < 0.3) line.reset();
  };
}

/** Holds back what goes over these lines while more happens than any socket takes, then lets it come. */
export function flooder(db: Database, lines: TcpProxy[]): Loop {
  const random = randomOf("flooder");
  const pace = (bytesPerSecond: number) => {
    for (const line of lines) line.pace(bytesPerSecond);
  };
  return async () => {
    const [held, free] = [random(), random()];
    pace(0);
    await writeHeavyEvents(db, { channel: heavyChannel, count: 60, bytes: 200_000 });
    await Bun.sleep(1500 + held * 500);
    pace(Number.POSITIVE_INFINITY);
    await Bun.sleep(2500 + free * 1000);
  };
}
