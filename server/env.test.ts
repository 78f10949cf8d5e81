import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { EnvProblems, readEnv } from "./env.ts";

function problemsOf(env: Record<string, string>): string[] {
  try {
    readEnv(env);
    return [];
  } catch (error) {
    if (error instanceof EnvProblems) return error.problems;
    throw error;
  }
}

test("nothing needs to be set", () => {
  expect(readEnv({})).toMatchObject({
    host: "127.0.0.1",
    port: 3000,
    dataDir: ".data",
    drainSeconds: 15,
    trustProxy: false,
  });
});

test("an empty value counts as unset", () => {
  expect(readEnv({ PORT: "", PUBLIC_URL: " " })).toMatchObject({ port: 3000, publicUrl: undefined });
});

test("every problem is named at once, without the values, which may be secrets", () => {
  const problems = problemsOf({
    PORT: "eighty",
    REDIS_URL: "localhost",
    LOG_LEVEL: "loud",
    SESSION_SECRET: "short and secret",
    TRUST_PROXY: "perhaps",
    CORS_ORIGINS: "https://fine.example, nonsense",
  });
  expect(problems.map((problem) => problem.split(" ")[0]).sort()).toEqual([
    "CORS_ORIGINS",
    "LOG_LEVEL",
    "PORT",
    "REDIS_URL",
    "SESSION_SECRET",
    "TRUST_PROXY",
  ]);
  expect(problems.join()).not.toContain("short and secret");
});

test("Postgres needs a session secret that all instances share", () => {
  expect(problemsOf({ DATABASE_URL: "postgres://localhost/wfd" })).toEqual([
    expect.stringContaining("SESSION_SECRET is required"),
  ]);
});

test("an admin's address needs a password, and the other way round", () => {
  expect(problemsOf({ ADMIN_EMAIL: "ann@example.org" })).toEqual(["ADMIN_PASSWORD is required with ADMIN_EMAIL."]);
  expect(problemsOf({ ADMIN_PASSWORD: "three words here" })).toEqual(["ADMIN_EMAIL is required with ADMIN_PASSWORD."]);
});

test("an admin's address is kept as sign-ins look for it", () => {
  const { admin } = readEnv({ ADMIN_EMAIL: "Ann@Example.org", ADMIN_PASSWORD: "three plain words" });
  expect(admin?.email).toBe("ann@example.org");
});

test("the example explains every variable, and its values are fine", () => {
  const example = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const named = [...example.matchAll(/^#?([A-Z_]+)=(.*)$/gm)];
  const code = readFileSync(new URL("./env.ts", import.meta.url), "utf8");
  const read = [...code.matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name).filter((name) => name !== "NODE_ENV");
  expect(named.map(([, name]) => name).sort()).toEqual(read.sort());
  const active = [...example.matchAll(/^([A-Z_]+)=(.+)$/gm)].map(([, name, value]) => [name ?? "", value ?? ""]);
  expect(problemsOf(Object.fromEntries(active))).toEqual([]);
});
