import { mkdirSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
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
}

export interface Database extends Connection {
  kind: "postgres" | "pglite";
  transaction<Result>(work: (tx: Connection) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** postgres://…; without it the embedded database in `dataDir` is used. */
  url?: string | undefined;
  /** Folder of the embedded database; undefined keeps it in memory (tests). */
  dataDir?: string | undefined;
  /** Connections of the pool, Postgres only. */
  poolSize?: number | undefined;
}

/** Opens Postgres or, without a URL, the embedded PGlite. Throws `DataDirLocked` when another process has the folder. */
export function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url ? openPostgres(options.url, options.poolSize ?? 10) : openPglite(options.dataDir);
}

const timestamptz = 1184;
const bigint = 20;
const date = 1082;

async function openPostgres(url: string, max: number): Promise<Database> {
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
    },
  });
  const orm = drizzlePostgres({ client, casing: "snake_case" });
  // Drizzle makes its client hand times through as text; its columns take Dates as well, and so do our own statements.
  client.options.parsers[timestamptz] = (text: string) => new Date(text);
  client.options.serializers[timestamptz] = (at: Date | string) => (at instanceof Date ? at.toISOString() : at);
  client.options.parsers[bigint] = Number;

  const on = (orm: Orm, sql: { unsafe: typeof client.unsafe }): Connection => ({
    orm,
    query: async <Row>(text: string, params: unknown[] = []) =>
      // The driver's row type is its own; the caller names what its statement returns.
      (await sql.unsafe(text, params as never[], { prepare: true })) as unknown as Row[],
  });
  return {
    ...on(orm, client),
    kind: "postgres",
    transaction: (work) => orm.transaction((tx) => work(on(tx, postgresOf(tx)))),
    close: () => client.end({ timeout: 5 }),
  };
}

/** Drizzle keeps a transaction's own driver handle private; a prepared statement inside it needs that one. */
function postgresOf(tx: unknown) {
  return (tx as { session: { client: postgres.Sql } }).session.client;
}

async function openPglite(dataDir: string | undefined): Promise<Database> {
  const unlock = dataDir ? lockDataDir(dataDir) : () => {};
  if (dataDir) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const client = await PGlite.create({
    ...(dataDir && { dataDir: `${dataDir}/pglite` }),
    parsers: { [bigint]: Number, [date]: (text: string) => text, [timestamptz]: (text: string) => new Date(text) },
  });
  await client.exec("set timezone = 'UTC'");
  const orm = drizzlePglite({ client, casing: "snake_case" });

  const on = (orm: Orm, pg: Pick<PGlite, "query">): Connection => ({
    orm,
    query: async <Row>(text: string, params: unknown[] = []) => (await pg.query<Row>(text, params)).rows,
  });
  return {
    ...on(orm, client),
    kind: "pglite",
    transaction: (work) => orm.transaction((tx) => work(on(tx, pgliteOf(tx)))),
    close: async () => {
      await client.close();
      unlock();
    },
  };
}

function pgliteOf(tx: unknown) {
  return (tx as { session: { client: Pick<PGlite, "query"> } }).session.client;
}
