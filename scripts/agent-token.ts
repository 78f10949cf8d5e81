import { parseArgs } from "node:util";
import { openDatabase } from "../db/client.ts";
import { DataDirLocked } from "../db/lock.ts";
import { migrate } from "../db/migrate.ts";
import { EnvProblems, readEnv } from "../server/env.ts";
import { createHost } from "../server/host.ts";
import { memoryBus } from "../server/realtime/bus.ts";
import { createAgent, createAgentInput } from "../server/services/agents/create.ts";
import { asSystem } from "../server/services/context.ts";
import { DomainError } from "../server/services/errors.ts";

const usage = "bun run agent:token --name licence-reader [--capabilities read-code,licences] [--max-concurrent 2]";

// Prints one line of JSON and nothing else, for programs to read.
try {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { name: text, capabilities: text, "max-concurrent": text } });
  const { success, data, error } = createAgentInput.safeParse({
    name: values.name ?? "",
    capabilities: values.capabilities,
    maxConcurrent: values["max-concurrent"],
  });
  if (!success)
    throw new TypeError(error.issues.map(({ path, message }) => `--${flagOf(path)}: ${message}`).join("\n"));

  const { databaseUrl, dataDir } = readEnv();
  const db = await openDatabase({ url: databaseUrl, dataDir });
  await migrate(db, databaseUrl);
  const host = createHost({ db, bus: memoryBus(), onError: (name, cause) => console.error(name, cause) });
  const { agent, token } = await createAgent(asSystem(host, "agent:token"), data);
  await db.close();
  console.log(JSON.stringify({ id: agent.id, name: agent.name, capabilities: agent.capabilities, token }));
} catch (error) {
  const isForPeople = [EnvProblems, DataDirLocked, DomainError].some((kind) => error instanceof kind);
  if (error instanceof TypeError) console.error(`${error.message}\nUsage: ${usage}`);
  else console.error(isForPeople && error instanceof Error ? error.message : error);
  process.exit(1);
}

function flagOf(path: PropertyKey[]): string {
  return path[0] === "maxConcurrent" ? "max-concurrent" : String(path[0]);
}
