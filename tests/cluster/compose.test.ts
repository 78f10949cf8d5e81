import { expect, test } from "bun:test";
import { readEnv } from "../../server/env.ts";
import { rootFile } from "../../server/http/pages.ts";

interface Service {
  environment: Record<string, string>;
  depends_on: Record<string, unknown>;
}

/** The file as Compose reads it, with these variables in `.env`. */
async function compose(variables: Record<string, string>): Promise<Record<string, Service>> {
  const text = await Bun.file(rootFile("docker-compose.yml")).text();
  const filled = text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => {
    const value = variables[name] || (kind === "-" ? rest : undefined);
    if (value === undefined) throw new Error(rest);
    return value;
  });
  // The shape is what this test is about.
  return (Bun.YAML.parse(filled) as { services: Record<string, Service> }).services;
}

const secrets = { POSTGRES_PASSWORD: "p".repeat(32), SESSION_SECRET: "s".repeat(32) };

test("the server takes every setting that docker-compose.yml hands to an instance", async () => {
  const { app1, app2 } = await compose(secrets);
  for (const [id, app] of Object.entries({ app1, app2 })) {
    const config = readEnv(app?.environment);
    expect(config).toMatchObject({ instanceId: id, publicUrl: "https://localhost", trustProxy: true });
    expect(config.databaseUrl).toContain("@postgres:5432/");
    expect(Object.keys(app?.depends_on ?? {})).toEqual(["postgres", "redis"]);
  }
});

test("Caddy's default upstreams are the instances of docker-compose.yml", async () => {
  const services = await compose(secrets);
  const instances = Object.keys(services).filter((name) => services[name]?.environment?.INSTANCE_ID);
  const caddyfile = await Bun.file(rootFile("Caddyfile")).text();
  const upstreams = /\{\$APP_UPSTREAMS:([^}]+)\}/.exec(caddyfile)?.[1]?.split(" ");
  expect(upstreams).toEqual(instances.map((name) => `${name}:3000`));
  expect(Object.keys(services.caddy?.depends_on ?? {})).toEqual(instances);
});

test("without its secrets the fleet does not start, and says which is missing", () => {
  expect(compose({ POSTGRES_PASSWORD: "p" })).rejects.toThrow("Set SESSION_SECRET");
  expect(compose({ SESSION_SECRET: "s" })).rejects.toThrow("Set POSTGRES_PASSWORD");
});
