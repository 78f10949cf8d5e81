import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { explore } from "./play.ts";

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host.close());

test("random histories of agents, people and time agree with the model", async () => {
  const seed = Number(process.env.MODEL_SEED ?? Date.now() % 2 ** 31);
  console.log(`Seed ${seed}: to see it again, bun run model --seconds 60 --seed ${seed}`);
  expect(await explore(host, { seconds: 15, seed })).toBeGreaterThan(0);
});
