/** A copy of the program under test, as a process. */
export interface Program {
  /** How it ended; undefined while it runs. */
  ended(): string | undefined;
  exited: Promise<number>;
  /** The last lines that it printed. */
  lastWords(lines: number): string[];
  /** Stops it in the middle of whatever it does, without asking it; `thaw` lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Asks it to end, as an operator does. */
  terminate(): void;
  /** Ends it and whatever it has started. */
  kill(): Promise<void>;
}

const kept = 20_000;

/** Runs the command with a shell's quoting and this environment added to our own. */
export function startProgram(
  { command, cwd, onLine }: { command: string; cwd: string; onLine(line: string): void },
  env: Record<string, string>,
): Program {
  // The program takes the shell's place: SIGTERM is for it.
  const shell = process.platform === "win32" ? ["cmd", "/c", command] : ["sh", "-c", `exec ${command}`];
  const child = Bun.spawn(shell, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that signals reach the program under the shell, and Ctrl-C reaches only us.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) void readLines(stream);

  async function readLines(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const text = decoder.decode(chunk, { stream: true });
      printed = (printed + text).slice(-kept);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    }
    if (rest) onLine(rest);
  }

  function signalAll(signal: NodeJS.Signals): void {
    try {
      process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
    } catch (error) {
      // It has ended already.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  return {
    ended: () => {
      if (child.signalCode) return `was ended by ${child.signalCode}`;
      return child.exitCode === null ? undefined : `ended with ${child.exitCode}`;
    },
    exited: child.exited,
    lastWords: (lines) => printed.trimEnd().split("\n").slice(-lines).filter(Boolean),
    freeze: () => signalAll("SIGSTOP"),
    thaw: () => signalAll("SIGCONT"),
    terminate: () => child.kill("SIGTERM"),
    kill: async () => {
      signalAll("SIGKILL");
      await child.exited;
    },
  };
}
