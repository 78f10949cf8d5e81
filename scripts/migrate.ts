import { openDatabase } from "../db/client.ts";
import { DataDirLocked } from "../db/lock.ts";
import { migrate } from "../db/migrate.ts";
import { EnvProblems, readEnv } from "../server/env.ts";

// The server migrates when it starts; this is for a deployment that wants it done before.
try {
  const { databaseUrl, dataDir } = readEnv();
  const db = await openDatabase({ url: databaseUrl, dataDir });
  await migrate(db, databaseUrl);
  await db.close();
  console.log(`The database is up to date (${databaseUrl ? "Postgres" : `embedded, in ${dataDir}`}).`);
} catch (error) {
  console.error(error instanceof EnvProblems || error instanceof DataDirLocked ? error.message : error);
  process.exit(1);
}
