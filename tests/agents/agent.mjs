// A whole agent without any library. Its argument names the one rule that it breaks; with none it keeps them all.
const { FACTORY_URL, FACTORY_TOKEN } = process.env;
const breaks = (fault) => process.argv[2] === fault;

let isStopping = false;
const stopping = new AbortController();
process.on("SIGTERM", () => {
  if (breaks("ignores-sigterm")) return;
  isStopping = true;
  stopping.abort();
});

while (!isStopping) {
  for (const { task, run } of (await claim()) ?? []) await perform(task, run);
}
process.exit(0);

async function claim() {
  if (!breaks("hammers")) return persist("tasks.claim", { waitMs: 25_000 }, stopping.signal);
  const claims = await Promise.all(Array.from({ length: 10 }, () => persist("tasks.claim", {}, stopping.signal)));
  return claims.flatMap((some) => some ?? []);
}

async function perform(task, run) {
  const lease = { runId: run.id, leaseToken: run.leaseToken };
  const stop = new AbortController();
  const beating = keepLease(lease, stop);
  const seconds = breaks("works-at-once") ? 0 : task.input.seconds;
  const isDone = await pause(seconds * 1000, stop.signal);
  const done = { ...lease, result: { done: true } };
  if (isDone) await (breaks("never-gives-up") ? untilAccepted : persist)("runs.complete", done, stop.signal);
  else if (breaks("reports-the-cancelled")) await call("runs.complete", done);
  if (breaks("reports-twice")) await persist("runs.fail", { ...lease, error: "After all" }, stop.signal);
  stop.abort();
  await beating;
}

async function keepLease(lease, stop) {
  if (breaks("never-beats")) return;
  while (!stop.signal.aborted) {
    const answer = await persist("agents.heartbeat", { runs: [lease] }, stop.signal);
    const [state] = answer?.leases ?? [];
    if (!state) return;
    if (!state.ok && breaks("ignores-cancel")) return;
    if (!state.ok && breaks("never-gives-up") && state.reason === "lease_expired") return;
    if (!state.ok) return stop.abort();
    const left = Date.parse(state.expiresAt) - Date.parse(answer.serverTime);
    await pause(left / 3, stop.signal);
  }
}

/** Sends it until it is answered; undefined when the server refuses it or the signal aborts. */
async function persist(procedure, input, signal) {
  for (let tries = 0; !signal.aborted; tries++) {
    const { status, answer } = await call(procedure, input, signal);
    if (status === 200) return answer;
    if (status === 401 && breaks("asks-again-when-refused")) {
      await Promise.all(Array.from({ length: 10 }, () => call(procedure, input, signal)));
      continue;
    }
    if (status === 401) {
      console.error("The token is refused");
      process.exit(1);
    }
    if (breaks("gives-up-at-once") && !signal.aborted) process.exit(1);
    if (status > 0 && status < 500 && status !== 429) return undefined;
    await pause(Math.random() * Math.min(5000, 200 * 2 ** tries), signal);
  }
}

async function untilAccepted(procedure, input) {
  while ((await call(procedure, input)).status !== 200) await pause(100, new AbortController().signal);
}

/** The status is 0 when there was no answer. */
async function call(procedure, input, signal = null) {
  try {
    const response = await fetch(`${FACTORY_URL}/trpc/${procedure}`, {
      method: "POST",
      headers: { authorization: `Bearer ${FACTORY_TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ json: input }),
      signal,
    });
    const { result } = await response.json();
    return { status: response.status, answer: result?.data.json };
  } catch {
    return { status: 0 };
  }
}

/** True after `ms` milliseconds, false when the signal aborts first. */
function pause(ms, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const timer = setTimeout(() => resolve(true), ms);
    signal.addEventListener("abort", () => resolve(clearTimeout(timer) ?? false), { once: true });
  });
}
