import { createClient } from "redis";
import { addReaders } from "../tests/support/readers.ts";
import { personClient, signIn } from "../tests/support/sign-in.ts";
import { type Figure, summary } from "./measure.ts";
import { factory, redisUrl } from "./readers/factory.ts";
import { startReaders } from "./readers/start.ts";

const changes = 300;

/** What an event needs longer to a subscriber of another instance; the limit is Redis alone, from a publish to a subscriber. */
export async function benchSecondInstance(server: string | undefined): Promise<void> {
  if (!server) return;
  console.log("\n### Through Redis to a second instance\n");
  console.log("| what | p50 ms | p99 ms | ÷ limit |\n| --- | ---: | ---: | ---: |");
  const { sql, start, close } = await factory(server);
  try {
    const [here, there] = await Promise.all([start(), start()]);
    const api = personClient(here.url, await signIn(here.url));
    const [token = ""] = await addReaders(sql, 1);
    const readers = await startReaders({ each: [here, there].map(({ url }) => ({ url, token })) });
    const { tasks } = await api.workflows.create.mutate({ name: "Two", tasks: [{ key: "a", name: "A" }] });
    await readers.until("both see it", ({ seen }) => seen.every((count) => count > 0));
    for (let i = 0; i < changes; i++) await api.tasks.update.mutate({ id: tasks[0]?.id ?? "", name: `Name ${i}` });
    await readers.until("both see all", ({ seen }) => seen.every((count) => count > changes));
    const { arrivals } = await readers.details();
    await readers.stop();
    const added = arrivals.flatMap(([, [at, later]]) => (at !== undefined && later !== undefined ? [later - at] : []));
    const limit = summary(await throughRedisAlone(), 1);
    print("Redis alone: publish → subscriber", limit, "1");
    const figure = summary(added, 1);
    print("the other instance's subscriber, after this one's", figure, (figure.p50 / limit.p50).toFixed(2));
  } finally {
    await close();
  }
}

const print = (what: string, { p50, p99 }: Figure, ratio: string) =>
  console.log(`| ${what} | ${p50.toFixed(2)} | ${p99.toFixed(2)} | ${ratio} |`);

async function throughRedisAlone(): Promise<number[]> {
  const [publisher, subscriber] = await Promise.all([0, 1].map(() => createClient({ url: redisUrl }).connect()));
  const channel = `bench-${crypto.randomUUID()}`;
  const times: number[] = [];
  let heard = () => {};
  await subscriber?.subscribe(channel, () => heard());
  for (let i = 0; i < changes; i++) {
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    const began = performance.now();
    await Promise.all([publisher?.publish(channel, "x".repeat(1500)), arrived]);
    times.push(performance.now() - began);
  }
  publisher?.destroy();
  subscriber?.destroy();
  return times;
}
