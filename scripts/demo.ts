/**
 * `bun run demo`: everything from a fresh clone. Installs, builds what is stale, loads the sample factory into an empty
 * database, starts the server and the sample agents, and says how to sign in. Nothing from node_modules may be imported
 * before `install` has run. With --again, the agents get another audit to do.
 */
import { randomBytes } from "node:crypto";
import { readDemoFile, updateDemoFile } from "../demo/credentials.ts";
import { startAgents } from "../demo/start-agents.ts";
import { run } from "./check/steps.ts";
import { quietly } from "./demo/quietly.ts";
import { startServer } from "./demo/server.ts";
import { isBuildStale } from "./demo/stale.ts";

process.chdir(`${import.meta.dir}/..`);
const dataDir = process.env.DATA_DIR?.trim() || ".data";

try {
  await quietly("Installing", ["install", "--frozen-lockfile"]);
  if (isBuildStale()) await quietly("Building", ["run", "build"]);
  await run("bun", ["scripts/seed.ts", ...process.argv.slice(2)]);

  const demo = readDemoFile(dataDir);
  const admin = {
    email: process.env.ADMIN_EMAIL || demo.email || "demo@example.com",
    password: process.env.ADMIN_PASSWORD || demo.password || randomBytes(12).toString("base64url"),
  };
  const { tokens = {} } = process.env.ADMIN_PASSWORD ? demo : updateDemoFile(dataDir, admin);
  const server = await startServer({ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password });
  const agents = startAgents(server.url, tokens);

  let stopping: Promise<void> | undefined;
  const stop = async (code: number) => {
    await agents.stop();
    await server.stop();
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (!stopping) console.log("\nStopping …");
      stopping ??= stop(0);
    });
  }
  void server.exited.then((code) => {
    if (!stopping) console.error(`The server has ended with ${code}.`);
    stopping ??= stop(1);
  });

  const isOurs = await server.signsIn(admin);
  console.log(`
Workflow Factory is at ${server.url}

  ${isOurs ? `Sign in as   ${admin.email}\n  Password     ${admin.password}` : "Sign in with your own account: this database had one before the demo."}

  Agents at work: ${agents.names.join(", ") || "none"}
  What they ask you waits in the inbox: ${server.url}/suggestions
  Once they are through, \`bun run demo --again\` gives them another audit to do.

  Ctrl-C stops everything. The data stays in ${process.env.DATABASE_URL ? "your database" : dataDir}.
`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
