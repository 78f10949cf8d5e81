import { cast } from "./cast.ts";

export interface RunningAgents {
  names: string[];
  /** Lets them hand back what they hold; those that take too long are ended. */
  stop(): Promise<void>;
}

const patienceMs = 8_000;

/** Starts each sample agent that has a token as a process of its own, which knows the factory's address and its token alone. */
export function startAgents(url: string, tokens: Record<string, string>, root = process.cwd()): RunningAgents {
  const running = cast.flatMap(({ name, program }) => {
    const token = tokens[name];
    if (!program || !token) return [];
    const { PATH = "", HOME = "", DEMO_PACE_MS } = process.env;
    const child = Bun.spawn([process.execPath, `${import.meta.dir}/agents/${program}.ts`], {
      cwd: root,
      env: { PATH, HOME, FACTORY_URL: url, FACTORY_TOKEN: token, ...(DEMO_PACE_MS && { DEMO_PACE_MS }) },
      stdio: ["ignore", "inherit", "inherit"],
      // A group of its own, so that Ctrl-C reaches the agents by way of `stop` alone.
      detached: true,
    });
    return [{ name, child }];
  });
  return {
    names: running.map(({ name }) => name),
    async stop() {
      for (const { child } of running) child.kill("SIGTERM");
      const late = setTimeout(() => {
        for (const { child } of running) child.kill("SIGKILL");
      }, patienceMs);
      await Promise.all(running.map(({ child }) => child.exited));
      clearTimeout(late);
    },
  };
}
