import { cast } from "./cast.ts";

export interface RunningAgents {
  names: string[];
  /** Lets them hand back what they hold; those that take too long are ended. */
  stop(): Promise<void>;
}

const patienceMs = 8_000;
const widest = Math.max(...cast.map(({ name, program }) => (program ? name.length : 0)));

/**
 * Starts each sample agent that has a token as a process of its own, which knows the factory's address and its token alone.
 * Every line that one of them prints goes to `print` with its name in front.
 */
export function startAgents(url: string, tokens: Record<string, string>, print = console.log): RunningAgents {
  let isStopping = false;
  const running = cast.flatMap(({ name, program }) => {
    const token = tokens[name];
    if (!program || !token) return [];
    const { PATH = "", HOME = "", DEMO_PACE_MS } = process.env;
    const child = Bun.spawn([process.execPath, `${import.meta.dir}/agents/${program}.ts`], {
      env: { PATH, HOME, FACTORY_URL: url, FACTORY_TOKEN: token, ...(DEMO_PACE_MS && { DEMO_PACE_MS }) },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that Ctrl-C reaches the agents by way of `stop` alone.
      detached: true,
    });
    const say = (line: string) => print(`${name.padEnd(widest)} │ ${line}`);
    const printed = Promise.all([child.stdout, child.stderr].map((stream) => eachLine(stream, say)));
    const ended = Promise.all([child.exited, printed]).then(([code]) => {
      if (!isStopping) say(`has ended with ${code}. The next start brings it back, if the factory still knows it.`);
    });
    return [{ name, child, ended }];
  });
  return {
    names: running.map(({ name }) => name),
    async stop() {
      isStopping = true;
      for (const { child } of running) child.kill("SIGTERM");
      const late = setTimeout(() => {
        for (const { child } of running) child.kill("SIGKILL");
      }, patienceMs);
      await Promise.all(running.map(({ ended }) => ended));
      clearTimeout(late);
    },
  };
}

async function eachLine(stream: ReadableStream<Uint8Array>, say: (line: string) => void): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim()) say(line);
  }
  if (rest.trim()) say(rest);
}
