import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const admin = { email: "admin@example.test", password: "correct horse battery" };

export interface RunningServer {
  url: string;
  pid: number;
  /** What the process has printed so far. */
  output(): string;
  /** Ends it with this signal and answers with its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number>;
  /** The same server again, on the same port and data. */
  restart(signal?: NodeJS.Signals): Promise<RunningServer>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface ServerOptions {
  env?: Record<string, string>;
  port?: number;
  dataDir?: string;
  /** In a process group of its own, which the terminal's Ctrl-C does not reach. */
  detached?: boolean;
}

/** Starts the production server as a process of its own, on a free port and a data folder of its own, and waits until it is ready. */
export async function startServer({
  env = {},
  port = freePort(),
  dataDir,
  detached = false,
}: ServerOptions = {}): Promise<RunningServer> {
  const data = dataDir ?? mkdtempSync(join(tmpdir(), "wf-test-"));
  const url = `http://127.0.0.1:${port}`;
  const child = Bun.spawn([process.execPath, "server/index.ts"], {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      NODE_ENV: "production",
      LOG_LEVEL: "info",
      PORT: String(port),
      DATA_DIR: data,
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      ...env,
    },
    stdout: "pipe",
    stderr: "pipe",
    detached,
  });
  let printed = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) printed += new TextDecoder().decode(chunk);
  };
  void collect(child.stdout);
  void collect(child.stderr);
  await untilReady(url, child, () => printed);

  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return child.exited;
  };
  return {
    url,
    pid: child.pid,
    output: () => printed,
    stop,
    restart: async (signal) => {
      await stop(signal);
      return startServer({ env, port, dataDir: data, detached });
    },
    remove: async () => {
      await stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, child: Bun.Subprocess, printed: () => string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${printed()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await Bun.sleep(50);
  }
  throw new Error(`The server was not ready in time:\n${printed()}`);
}

export function freePort(): number {
  const server = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = server;
  server.stop();
  return port;
}
