import { join } from "node:path";
import type { Ledger } from "../../scripts/simulate/ledger.ts";

export interface AgentProcess {
  name: string;
  kill(signal: NodeJS.Signals): void;
  exited: Promise<number>;
}

/** Starts `agent-program.ts`; what it is told goes into the ledger. */
export function startAgentProcess(
  { name, token, url, isStubborn }: { name: string; token: string; url: string; isStubborn: boolean },
  ledger: Ledger,
): AgentProcess {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "agent-program.ts")], {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      FACTORY_URL: url,
      FACTORY_TOKEN: token,
      AGENT_NAME: name,
      ...(isStubborn && { AGENT_STUBBORN: "yes" }),
    },
    stdout: "pipe",
    stderr: "inherit",
  });
  const told = noteLines(child.stdout, ledger);
  return { name, kill: (signal) => child.kill(signal), exited: told.then(() => child.exited) };
}

async function noteLines(stream: ReadableStream<Uint8Array>, ledger: Ledger): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    // A killed process may leave half a line.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) note(ledger, line);
  }
}

function note(ledger: Ledger, line: string): void {
  const [what, ...told] = JSON.parse(line);
  if (what === "claimed") ledger.claimed(...(told as Parameters<Ledger["claimed"]>));
  else if (what === "completed") ledger.completed(...(told as Parameters<Ledger["completed"]>));
  else if (what === "refused") ledger.refused(...(told as Parameters<Ledger["refused"]>));
}
