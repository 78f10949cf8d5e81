import { type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, check, customType, integer, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { actorTypes } from "../enums.ts";

/** UUIDv7: made by the server, sorts by time. */
export const id = () =>
  uuid()
    .primaryKey()
    .$defaultFn(() => Bun.randomUUIDv7());

/** Every time in the database is timestamptz by the database's own clock. */
export const time = () => timestamp({ withTimezone: true, precision: 3 });
export const createdAt = () => time().notNull().defaultNow();
export const updatedAt = () => time().notNull().defaultNow();

/** Counts the writes to a row; a stale write names an older one and is refused. */
export const revision = () => integer().notNull().default(1);

/** Compared byte by byte, whatever the database's locale: fractional keys depend on it. */
export const byteText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

export const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/** Who made a row, by reference and without a foreign key: history outlives people and agents. */
export const createdBy = () => ({
  createdByType: text({ enum: actorTypes }).notNull().default("system"),
  createdById: uuid(),
  createdByName: text().notNull().default("System"),
});

/** A CHECK that a column holds one of the words of an enum. */
export const oneOf = (name: string, column: AnyPgColumn, words: readonly string[]) =>
  check(name, sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(", "))})`);

export const checkThat = (name: string, rule: SQL) => check(name, rule);
