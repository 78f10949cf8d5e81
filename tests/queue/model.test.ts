import { afterAll, beforeAll, expect, test } from "bun:test";
import { type TestHost, testHost } from "../../server/services/testing.ts";
import { slowBackOffs } from "./history.ts";
import { explore } from "./play.ts";

let fleet: TestHost;
beforeAll(async () => {
  fleet = await testHost();
  await slowBackOffs(fleet);
});
afterAll(() => fleet.close());

test("random histories of agents, people, servers and time agree with the model", async () => {
  // The same histories each time; how their calls meet is up to the machine. By hand every run draws new ones.
  const seed = Number(process.env.MODEL_SEED ?? 1);
  console.log(`Seed ${seed}: to see it again, bun run model --seconds 60 --seed ${seed}`);
  expect(await explore(fleet, { seconds: 30, seed })).toBeGreaterThan(0);
});
