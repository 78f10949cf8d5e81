import { openDatabase } from "../db/client.ts";
import { DataDirLocked } from "../db/lock.ts";
import { migrate } from "../db/migrate.ts";
import { readDemoFile, updateDemoFile } from "../demo/credentials.ts";
import { loadSampleFactory, startAudit } from "../demo/sample-factory.ts";
import { EnvProblems, readEnv } from "../server/env.ts";
import { createHost } from "../server/host.ts";
import { memoryBus } from "../server/realtime/bus.ts";

/** `bun run db:seed`: loads the sample factory into an empty database. With --again: another audit for its agents. */
try {
  const { databaseUrl, dataDir } = readEnv();
  const db = await openDatabase({ url: databaseUrl, dataDir });
  try {
    await migrate(db, databaseUrl);
    const host = createHost({ db, bus: memoryBus(), onError: (name, cause) => console.error(name, cause) });
    const { isLoaded, tokens } = await loadSampleFactory(host, readDemoFile(dataDir).tokens);
    updateDemoFile(dataDir, { tokens });
    if (isLoaded) {
      console.log(`Loaded the sample factory. The tokens of its agents are in ${dataDir}/demo.json.`);
    } else if (process.argv.includes("--again")) {
      const { number } = await startAudit(host);
      console.log(`Started another audit: W-${number}.`);
    } else {
      console.log("There are workflows already, so no samples were loaded.");
    }
    await host.background.drain();
  } finally {
    await db.close();
  }
} catch (error) {
  console.error(error instanceof EnvProblems || error instanceof DataDirLocked ? error.message : error);
  process.exit(1);
}
