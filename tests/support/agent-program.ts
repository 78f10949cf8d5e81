/**
 * An agent as a process of its own, told by FACTORY_URL, FACTORY_TOKEN and AGENT_NAME. On `runAgent`; with AGENT_STUBBORN it reports
 * whatever has become of its lease. It says on its standard output, a line of JSON each, what it was told on the wire.
 */
import { sleep } from "../../client/backoff.ts";
import { runAgent } from "../../client/index.ts";
import { type SimAgent, workOf } from "../../scripts/simulate/agent.ts";
import { bareAgent, finish } from "../../scripts/simulate/bare.ts";
import { Ledger } from "../../scripts/simulate/ledger.ts";
import { Tap } from "../../scripts/simulate/tap.ts";

const { FACTORY_URL: url = "", FACTORY_TOKEN: token = "", AGENT_NAME: name = "", AGENT_STUBBORN } = process.env;
const say = (...words: unknown[]) => process.stdout.write(`${JSON.stringify(words)}\n`);

class Told extends Ledger {
  override claimed(...told: Parameters<Ledger["claimed"]>) {
    say("claimed", ...told);
    return super.claimed(...told);
  }
  override completed(...told: Parameters<Ledger["completed"]>) {
    say("completed", ...told);
  }
  override refused(...told: Parameters<Ledger["refused"]>) {
    say("refused", ...told);
  }
}

const stop = new AbortController();
const fetch = new Tap(new Told()).fetchFor(name, "process");
const agent: SimAgent = {
  name,
  url,
  token,
  fetch,
  random: Math.random,
  signal: stop.signal,
  capability: "",
  late: (work) => work,
};

if (AGENT_STUBBORN) {
  process.once("SIGTERM", () => stop.abort());
  await bareAgent(agent, finish);
} else {
  await runAgent({
    url,
    token,
    fetch,
    onNotice: () => {},
    handlers: {
      "*": async (job) => {
        await sleep(workOf(job).ms, job.signal);
        return { by: name, run: job.run.id };
      },
    },
  });
}
process.exit(0);
