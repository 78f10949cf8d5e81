import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startInstances } from "../support/instances.ts";
import { subscriber } from "../support/live.ts";
import { startProxy, type TcpProxy } from "../support/proxy.ts";
import { privateRedis } from "../support/redis.ts";
import { personClient, signIn } from "../support/sign-in.ts";
import { until } from "../support/until.ts";

let redis: Awaited<ReturnType<typeof privateRedis>>;
let proxy: TcpProxy;
let instances: Awaited<ReturnType<typeof startInstances>>;
let viewer: Awaited<ReturnType<typeof subscriber>>;
let api: ReturnType<typeof personClient>;

beforeAll(async () => {
  redis = await privateRedis();
  proxy = await startProxy(() => redis.port);
  instances = await startInstances(2, { REDIS_URL: `redis://127.0.0.1:${proxy.port}` });
  const cookie = await signIn(instances.at(0).url);
  viewer = await subscriber(instances.at(1).url, cookie);
  api = personClient(instances.at(0).url, cookie);
});
afterAll(async () => {
  viewer?.close();
  await instances?.close();
  await proxy?.close();
  await redis?.kill();
});

const health = async (index: number) => {
  const answer = await fetch(`${instances.at(index).url}/readyz`);
  const { status } = (await answer.json()) as { status: string };
  return { code: answer.status, status };
};
const untilHealth = (status: string) =>
  until(`both say that they are ${status}`, async () => {
    const all = await Promise.all([0, 1].map(health));
    // Redis is never a reason to take an instance out of service.
    expect(all.map(({ code }) => code)).toEqual([200, 200]);
    return all.every((one) => one.status === status);
  });

/** Changes something at one instance; how long it takes to be written, read and seen at the other, in milliseconds. */
async function change() {
  const began = performance.now();
  const { id } = await api.workflows.create.mutate({ name: "Through thick and thin" });
  await api.workflows.byId.query({ id });
  const answered = performance.now();
  await until("the change is seen at the other instance", () => viewer.events.some(({ entityId }) => entityId === id));
  return { answering: answered - began, seeing: performance.now() - answered };
}

async function worstOf(count: number) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await change());
  const [answering, seeing] = [all.map((one) => one.answering), all.map((one) => one.seeing)].map((times) =>
    Math.round(Math.max(...times)),
  );
  return { answering: answering ?? 0, seeing: seeing ?? 0 };
}

describe.each([
  ["hears and says nothing back", () => proxy.pace(0), () => proxy.pace(Number.POSITIVE_INFINITY)],
  ["is cut off without a word", () => proxy.freeze(true), () => proxy.freeze(false)],
  ["is frozen", () => redis.freeze(), () => redis.thaw()],
  ["is killed and started again", () => redis.kill(), () => redis.start()],
])("a Redis that %s", (what, fail, mend) => {
  test("makes live updates about two seconds late, and nothing else; afterwards all is as before", async () => {
    await untilHealth("ok");
    await fail();
    const at = await worstOf(5);
    await untilHealth("degraded");
    const during = await worstOf(5);
    await mend();
    await untilHealth("ok");
    console.log(`  ${what}: seen after ${at.seeing} and ${during.seeing} ms at most`);
    for (const { answering, seeing } of [at, during]) {
      expect(answering).toBeLessThan(4000);
      expect(seeing).toBeLessThan(6000);
    }
  });
});
