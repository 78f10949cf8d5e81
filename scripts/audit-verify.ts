import { parseArgs } from "node:util";
import { openDatabase } from "../db/client.ts";
import { DataDirLocked } from "../db/lock.ts";
import { EnvProblems, readEnv } from "../server/env.ts";
import { anchor, verifyAudit } from "../server/services/audit/verify.ts";

const usage = "bun run audit:verify [--anchor <number>:<hash>]";

// Exit 0: the chain holds. 1: it does not. 2: it could not be verified.
try {
  const { values } = parseArgs({ options: { anchor: { type: "string" } } });
  const given = anchor.optional().safeParse(values.anchor);
  if (!given.success) throw new TypeError(given.error.issues.map(({ message }) => message).join("\n"));

  const { databaseUrl, dataDir } = readEnv();
  const db = await openDatabase({ url: databaseUrl, dataDir });
  const { ok, rows, unsealed, head, firstBad } = await verifyAudit(db, given.data);
  await db.close();
  if (firstBad) console.log(`BROKEN at ${firstBad.fromSeq} (to ${firstBad.throughSeq}): ${firstBad.problem}`);
  else console.log(`ok: ${rows} rows are as they were sealed.`);
  if (unsealed > 0) console.log(`${unsealed} newer rows are not sealed yet.`);
  if (ok && head) {
    console.log(`The chain ends at ${head.throughSeq}:${head.hash}`);
    console.log("Keep that line outside the database: with --anchor it shows later that nothing was cut off the end.");
  }
  process.exit(ok ? 0 : 1);
} catch (error) {
  if (error instanceof TypeError) console.error(`${error.message}\nUsage: ${usage}`);
  else if (isEmptyDatabase(error))
    console.error("There is no audit log yet. Start the server once, or run `bun run db:migrate`.");
  else console.error(error instanceof EnvProblems || error instanceof DataDirLocked ? error.message : error);
  process.exit(2);
}

/** Postgres' "undefined table". */
function isEmptyDatabase(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "42P01";
}
