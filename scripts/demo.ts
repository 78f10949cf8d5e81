/**
 * `bun run demo`: everything from a fresh clone. Installs, loads the sample factory into an empty database, builds what is
 * stale, starts the server and the sample agents, and says how to sign in. Nothing from node_modules may be imported
 * before `install` has run. With --again, the agents get another audit to do.
 */
import { randomBytes } from "node:crypto";
import { readDemoFile, updateDemoFile } from "../demo/credentials.ts";
import { type RunningAgents, startAgents } from "../demo/start-agents.ts";
import { quietly } from "./demo/quietly.ts";
import { type DemoServer, startServer } from "./demo/server.ts";
import { isBuildStale } from "./demo/stale.ts";

process.chdir(`${import.meta.dir}/..`);
const dataDir = process.env.DATA_DIR?.trim() || ".data";

let server: DemoServer | undefined;
let agents: RunningAgents | undefined;
let stopping: Promise<never> | undefined;
const commands = new AbortController();

// Before anything is started, so that nothing is left behind whenever the end comes. A closed terminal sends SIGHUP.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (!stopping) console.log("\nStopping …");
    stop(0);
  });
}

try {
  await quietly("Installing", ["install", "--frozen-lockfile"], commands.signal);
  // First the database: when another demo has it, that one's build is left alone.
  const samples = ["scripts/seed.ts", ...process.argv.slice(2)];
  console.log(await quietly("Opening the database", samples, commands.signal));
  if (isBuildStale()) await quietly("Building", ["run", "build"], commands.signal);

  const demo = readDemoFile(dataDir);
  const admin = {
    email: process.env.ADMIN_EMAIL || demo.email || "demo@example.com",
    password: process.env.ADMIN_PASSWORD || demo.password || randomBytes(12).toString("base64url"),
  };
  const { tokens = {} } = process.env.ADMIN_PASSWORD ? demo : updateDemoFile(dataDir, admin);
  server = startServer({ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password });
  await server.ready;
  void server.exited.then((code) => {
    if (!stopping) console.error(`The server has ended with ${code}.`);
    stop(1);
  });
  const isOurs = await server.signsIn(admin);
  if (stopping) await stopping;
  agents = startAgents(server.url, tokens);
  console.log(`
Workflow Factory is at ${server.url}

  ${isOurs ? `Sign in as   ${admin.email}\n  Password     ${admin.password}` : "Sign in with your own account: this database had one before the demo."}

  Agents at work: ${agents.names.join(", ") || "none"}
  What they ask you waits in the inbox: ${server.url}/suggestions
  Once they are through, stop this and start it with --again to give them another audit: \`bun run demo --again\`

  Ctrl-C stops everything. The data stays in ${process.env.DATABASE_URL ? "your database" : dataDir}.
`);
} catch (error) {
  if (!stopping) console.error(error instanceof Error ? error.message : error);
  await stop(1);
}

/** The agents first, so that they can hand back what they hold. The first call decides the exit code. */
function stop(code: number): Promise<never> {
  stopping ??= (async () => {
    commands.abort();
    await agents?.stop();
    await server?.stop();
    process.exit(code);
  })();
  return stopping;
}
