import { describe, test } from "bun:test";

const nothing = (_name: string, _work: () => unknown): void => {};

/** A test that needs two connections: it is one only where there is a real Postgres. */
export const testOnPostgres = process.env.TEST_DATABASE_URL ? test : nothing;

/** Tests that need a Redis. */
export const describeOnRedis = process.env.TEST_REDIS_URL ? describe : nothing;
