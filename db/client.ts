import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { drizzle as drizzlePostgres } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { lockDataDir } from "./lock.ts";

type Orm = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/**
 * What a read or a write runs on: the database itself or an open transaction. Both drivers answer alike:
 * timestamptz as Date, date as text, bigint as number, jsonb parsed.
 */
export interface Connection {
  /** Drizzle, for ordinary reads and writes. */
  orm: Orm;
  /** A prepared statement, for the hot paths. Hand in lists as one JSON parameter and json_to_recordset. */
  query<Row>(text: string, params?: unknown[]): Promise<Row[]>;
  /** The same, planned for these very values: for lists, whose filters decide which index is the right one. */
  queryAnew<Row>(text: string, params?: unknown[]): Promise<Row[]>;
}

export interface Database extends Connection {
  kind: "postgres" | "pglite";
  /**
   * Connections of their own for what must be answered however busy the others are: the renewal of leases. For short
   * statements only. PGlite has one connection, so there it is that one.
   */
  reserved: Connection;
  /** For a statement that is a whole change, and so a transaction by itself. */
  writes: Connection;
  transaction<Result>(work: (tx: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** postgres://…; without it the embedded database in `dataDir` is used. */
  url?: string | undefined;
  /** Folder of the embedded database; undefined keeps it in memory (tests). */
  dataDir?: string | undefined;
  /** Connections at most, half of them for writes; Postgres only. */
  poolSize?: number | undefined;
}

/** Opens Postgres or, without a URL, the embedded PGlite. Throws `DataDirLocked` when another process has the folder. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url ? openPostgres(options.url, options.poolSize ?? 16) : openPglite(options);
}

const timestamptz = 1184;
const bigint = 20;
const date = 1082;

/** Reads and writes have connections of their own, so that neither waits behind a burst of the other. */
async function openPostgres(url: string, max: number): Promise<Database> {
  const reads = connect(url, Math.ceil(max / 2), {});
  const writes = connect(url, Math.ceil(max / 2), keptPlans);
  const reserved = connect(url, reservedConnections, reservedSettings);
  const on = (orm: Orm, sql: { unsafe: postgres.Sql["unsafe"] }): Connection => {
    const run = async <Row>(text: string, params: unknown[], prepare: boolean) =>
      // The driver's row type is its own; the caller names what its statement returns.
      (await sql.unsafe(text, params as never[], { prepare })) as unknown as Row[];
    return {
      orm,
      query: (text, params = []) => run(text, params, true),
      queryAnew: (text, params = []) => run(text, params, false),
    };
  };
  return {
    ...on(reads.orm, reads.client),
    kind: "postgres",
    reserved: on(reserved.orm, reserved.client),
    writes: on(writes.orm, writes.client),
    transaction: (work) => writes.orm.transaction((tx) => work(on(tx, postgresOf(tx)))),
    close: async () => {
      await Promise.all([reads, writes, reserved].map(({ client }) => client.end({ timeout: 5 })));
    },
  };
}

/**
 * A write's statements are planned once and not per call: planning was a quarter of a claim's time. A plan that was made
 * before anything was known of a table is kept as well, so it must neither scan the table nor sort what is in it: a claim
 * that sorts all that waits took sixty milliseconds at 20,000 tasks.
 */
const keptPlans = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_sort: "off",
};

/** One for each thing that is asked over them (tokens, leases, commands, health): each is gathered, so none needs a second. */
const reservedConnections = 4;

/** Below the time after which an agent gives a heartbeat up, so that one stuck statement does not hold up the next. */
const reservedSettings = {
  application_name: "workflow-factory reserved",
  statement_timeout: "4000",
  lock_timeout: "2000",
};

function connect(url: string, max: number, settings: Record<string, string>) {
  const client = postgres(url, {
    max,
    connect_timeout: 10,
    idle_timeout: 60,
    max_lifetime: 60 * 60,
    onnotice: () => {},
    connection: {
      application_name: "workflow-factory",
      TimeZone: "UTC",
      statement_timeout: 15_000,
      lock_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
      jit: "off",
      ...settings,
    },
  });
  const orm = drizzlePostgres({ client, casing: "snake_case" });
  // Drizzle makes its client hand times through as text; its columns take Dates as well, and so do our own statements.
  client.options.parsers[timestamptz] = (text: string) => new Date(text);
  client.options.serializers[timestamptz] = (at: Date | string) => (at instanceof Date ? at.toISOString() : at);
  client.options.parsers[bigint] = Number;
  return { client, orm };
}

/** Drizzle keeps a transaction's own driver handle private; a prepared statement inside it needs that one. */
function postgresOf(tx: unknown) {
  return (tx as { session: { client: postgres.Sql } }).session.client;
}

interface Embedded extends Database {
  /** The data folder as an archive, for `from`. */
  dump(): Promise<Blob>;
}

/** `from`: what a database in memory begins as, in place of an empty one, which takes seconds to make. */
export async function openPglite({ dataDir, from }: { dataDir?: string | undefined; from?: Blob }): Promise<Embedded> {
  const unlock = dataDir ? lockDataDir(dataDir) : () => {};
  if (dataDir) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const client = await PGlite.create({
    ...(dataDir && { dataDir: `${dataDir}/pglite` }),
    ...(from && { loadDataDir: from }),
    extensions: { pg_trgm },
    parsers: { [bigint]: Number, [date]: (text: string) => text, [timestamptz]: (text: string) => new Date(text) },
  });
  await client.exec("set timezone = 'UTC'");
  const orm = drizzlePglite({ client, casing: "snake_case" });

  const on = (orm: Orm, pg: Pick<PGlite, "query">): Connection => {
    // It plans every statement for its values.
    const query = async <Row>(text: string, params: unknown[] = []) => (await pg.query<Row>(text, params)).rows;
    return { orm, query, queryAnew: query };
  };
  return {
    ...on(orm, client),
    kind: "pglite",
    reserved: on(orm, client),
    writes: on(orm, client),
    transaction: (work) => orm.transaction((tx) => work(on(tx, pgliteOf(tx)))),
    dump: async () => client.dumpDataDir("none"),
    close: async () => {
      await client.close();
      unlock();
    },
  };
}

function pgliteOf(tx: unknown) {
  return (tx as { session: { client: Pick<PGlite, "query"> } }).session.client;
}
