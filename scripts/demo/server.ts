export interface DemoServer {
  url: string;
  /** Rejects when it could not start. */
  ready: Promise<void>;
  exited: Promise<number>;
  /** Whether this person can sign in, tried through the form. */
  signsIn(person: { email: string; password: string }): Promise<boolean>;
  stop(): Promise<unknown>;
}

const patienceMs = 60_000;

/** Starts the production server as a process of its own. It can be stopped before it is ready. */
export function startServer(env: Record<string, string>): DemoServer {
  const { PORT = "3000", INSTANCE_ID = `demo-${process.pid}` } = process.env;
  const url = `http://${hostToCall()}:${PORT}`;
  const child = Bun.spawn([process.execPath, "server/index.ts"], {
    env: { LOG_LEVEL: "warn", ...process.env, ...env, INSTANCE_ID, NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "inherit"],
    // A group of its own: Ctrl-C goes to us alone, so that the agents can hand back their work before the server ends.
    detached: true,
  });
  return {
    url,
    ready: untilReady(url, INSTANCE_ID, child),
    exited: child.exited,
    signsIn: (person) => signsIn(url, person),
    stop: () => {
      child.kill("SIGTERM");
      return child.exited;
    },
  };
}

async function untilReady(url: string, instance: string, child: Bun.Subprocess): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await answers(url, instance))) {
    if (child.exitCode !== null) throw new Error("The server could not start; its reason is above.");
    if (performance.now() > deadline) throw new Error(`The server was not ready within ${patienceMs / 1000} s.`);
    await Bun.sleep(100);
  }
}

function hostToCall(): string {
  const { HOST = "127.0.0.1" } = process.env;
  if (HOST === "0.0.0.0" || HOST === "::") return "127.0.0.1";
  return HOST.includes(":") ? `[${HOST}]` : HOST;
}

/** Ready, and not another server that has the port already. */
async function answers(url: string, instance: string): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  return answer?.ok === true && answer.headers.get("x-instance") === instance;
}

async function signsIn(url: string, person: { email: string; password: string }): Promise<boolean> {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url },
    body: new URLSearchParams(person),
  });
  return answer.status === 302;
}
