import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { memoryBus } from "./bus.ts";
import { type OpenLog, openLogOn } from "./event-log.ts";
import { Gaps } from "./gaps.ts";
import { outOfOrder, Viewer } from "./testing-viewer.ts";
import { pick, World } from "./testing-world.ts";

const seed = Number(process.env.LOG_SEED ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(process.env.LOG_SECONDS ?? 4);

/** What can happen, and how often; each act's numbers choose whom it happens to. */
const weights = {
  begin: 10,
  number: 4,
  commit: 8,
  rollBack: 2,
  hear: 5,
  hearAgain: 1,
  lose: 3,
  look: 8,
  run: 12,
  answer: 12,
  want: 4,
  connect: 2,
  takeCursor: 2,
  cut: 1,
  resume: 4,
};
type Act = keyof typeof weights;

const acts = fc.array(
  fc.record(
    {
      act: fc.oneof(
        ...Object.entries(weights).map(([act, weight]) => ({ arbitrary: fc.constant(act as Act), weight })),
      ),
      who: fc.nat(1000),
      many: fc.nat(12),
      /** Whether the event loop turns before the next act. */
      turns: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  { minLength: 60, maxLength: 160, size: "max" },
);
interface Step {
  act: Act;
  who: number;
  many: number;
  turns: boolean;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The acts in which only the database has a part. */
function happen(world: World, { act, who, many }: Step): void {
  if (act === "begin") world.begin(who, many);
  if (act === "number") world.number(who, many);
  if (act === "commit") world.commit(who);
  if (act === "rollBack") world.rollBack(who);
  if (act === "lose") world.lose(who);
  if (act === "run") world.run(who);
  if (act === "answer") world.answer(who);
}

/** Plays it with our log; answers with what was wrong. */
async function playedBy(steps: Step[], most: number): Promise<string[]> {
  const world = new World();
  const bus = memoryBus();
  const wrong: string[] = [];
  let look = async () => {};
  const opening = openLogOn(world.table, {
    bus,
    onHeard: () => {},
    onError: (error) => void wrong.push(String(error)),
    gaps: new Gaps(most),
    rhythm(once) {
      let looking: Promise<void> | undefined;
      const untilRead = async () => {
        while ((await once()).more);
        looking = undefined;
      };
      look = async () => {
        await looking;
        looking ??= untilRead();
        await looking;
      };
      return { soon() {}, heard() {}, now: look, close: async () => {} };
    },
  });
  // What happened before it was opened.
  for (const step of steps.slice(0, 10)) happen(world, step);
  let log: OpenLog | undefined;
  while (!log) {
    world.answerAll();
    log = await Promise.race([opening, turn().then(() => undefined)]);
  }

  const viewers: Viewer[] = [];
  const cursors: { cursor: number; tick: number }[] = [];
  const connect = (start: Partial<ConstructorParameters<typeof Viewer>[2]>, many: number) => {
    if (log) viewers.push(new Viewer(log, world, { filter: many % 4 === 0 ? { taskId: "a" } : {}, ...start }));
  };
  for (const step of steps.slice(10)) {
    const { act, who, many } = step;
    const viewer = pick(viewers, who);
    const message = pick(world.wire, who);
    happen(world, step);
    if ((act === "hear" || act === "hearAgain") && message) bus.publish(message);
    if (act === "hear") world.lose(who);
    if (act === "look") void look();
    if (act === "want") viewer?.wants(many);
    if (act === "cut") viewer?.cut();
    if (act === "connect") connect({}, many);
    if (act === "takeCursor") {
      cursors.push({ cursor: Number((await log.cursor()).split(".")[1]), tick: world.tick() });
    }
    const taken = pick(cursors, many);
    if (act === "resume" && who % 3 === 0 && taken) connect({ taken }, many);
    else if (act === "resume" && viewer) connect({ ...viewer.start(), told: viewer.toldUpTo(many) }, 1);
    if (step.turns) await turn();
  }

  world.settle();
  const wordsTold = () => viewers.reduce((sum, { told }) => sum + told.length, 0);
  for (let [round, quiet, words] = [0, 0, 0]; round < 60 && quiet < 3; round++) {
    quiet = log.position().gaps === 0 && wordsTold() === words ? quiet + 1 : 0;
    words = wordsTold();
    void look();
    for (const viewer of viewers) viewer.wants(1000);
    for (let i = 0; i < 4; i++) {
      world.answerAll();
      await turn();
    }
  }
  if (log.position().gaps > 0) wrong.push("gaps stayed open");
  await log.close();
  return [...wrong, ...viewers.flatMap((viewer) => viewer.complaints())];
}

/** Plays the same with what most outboxes do; answers with what it missed. */
async function playedNaively(steps: Step[]): Promise<number[]> {
  const world = new World();
  const seen = new Set<number>();
  let last = 0;
  const look = async () => {
    const found = world.table.look(last, []);
    world.answerAll();
    for (const { seq } of (await found).events) {
      seen.add(seq);
      last = seq;
    }
  };
  for (const step of steps) {
    happen(world, step);
    if (step.act === "look") await look();
  }
  world.settle();
  for (let i = 0; i < 100; i++) await look();
  return world.committed.map(({ event }) => event.seq).filter((seq) => !seen.has(seq));
}

describe(`whatever the order in which things happen (LOG_SEED=${seed})`, () => {
  const options = { seed, numRuns: 100_000, interruptAfterTimeLimit: seconds * 1000 };

  test.each([
    ["however many gaps there are, in its entity's order", 10_000, true],
    // Of a transaction whose gaps are not all kept a part is told; then everybody loads anew.
    ["with more gaps than are kept", 2, false],
  ])("every committed event is told and no cursor is ahead of it, %s", async (_, most, isInOrder) => {
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(acts, async (steps) => {
        runs++;
        const wrong = await playedBy(steps, most);
        expect(isInOrder ? wrong : wrong.filter((words) => !words.endsWith(outOfOrder))).toEqual([]);
      }),
      { ...options, interruptAfterTimeLimit: options.interruptAfterTimeLimit / 2 },
    );
    console.log(`  ${runs} histories`);
  });

  test("of two late commits, the later number first, neither cursor is ahead of the other", async () => {
    const step = (act: Act, who = 0, many = 0): Step => ({ act, who, many, turns: true });
    const [one, another] = [1, 2];
    const answered = [step("run"), step("answer")];
    const looked = [step("look"), ...answered, ...answered];
    const before = [
      ...[step("begin", 0, 3), step("number", 0, 8), step("commit")],
      ...[step("begin", one, 3), step("begin", another, 3)],
      ...[step("begin", 3, 3), step("number", 2, 10), step("commit", 2)],
      ...answered,
    ];
    // More than one page, of which it takes a few events; meanwhile both commit.
    const connected = [step("takeCursor"), step("resume", 0, 1), ...answered];
    const steps = [...before, ...connected, step("commit", 1), ...looked, step("commit", 0), ...looked];
    expect(await playedBy(steps, 10_000)).toEqual([]);
  });

  test("a reader of `seq > last` misses some, so the test can tell", async () => {
    const { failed } = await fc.check(
      fc.asyncProperty(acts, async (steps) => (await playedNaively(steps)).length === 0),
      { seed, numRuns: 1000 },
    );
    expect(failed).toBe(true);
  });
});
