import { expect, test } from "bun:test";
import { readEnv } from "../../server/env.ts";
import { rootFile } from "../../server/http/pages.ts";

interface Service {
  env_file?: string;
  environment: Record<string, string>;
  depends_on: Record<string, unknown>;
  restart?: string;
  mem_limit?: string;
  healthcheck?: { test: string[] };
  security_opt?: string[];
  cap_drop?: string[];
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

/** The names that .env.example explains. */
const explained = async () =>
  [...(await Bun.file(rootFile(".env.example")).text()).matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [
    name ?? "",
    value ?? "",
  ]);

test("a copy of .env.example reaches the instances, without taking from them what makes them a fleet", async () => {
  const { app1 } = await compose(secrets);
  expect(app1?.env_file).toBe(".env");
  const file = {
    ...Object.fromEntries(await explained()),
    ...secrets,
    ADMIN_PASSWORD: "a long enough secret",
    LEASE_SECONDS: "90",
  };
  const config = readEnv({ ...file, ...app1?.environment });
  expect(config).toMatchObject({ leaseSeconds: 90, host: "0.0.0.0", port: 3000, publicUrl: "https://localhost" });
  expect(config.databaseUrl).toContain("@postgres:5432/");
  expect(config.redisUrl).toBe("redis://redis:6379");
});

test("Caddy's default upstreams are the instances of docker-compose.yml", async () => {
  const services = await compose(secrets);
  const instances = Object.keys(services).filter((name) => services[name]?.environment?.INSTANCE_ID);
  const caddyfile = await Bun.file(rootFile("Caddyfile")).text();
  const upstreams = /\{\$APP_UPSTREAMS:([^}]+)\}/.exec(caddyfile)?.[1]?.split(" ");
  expect(upstreams).toEqual(instances.map((name) => `${name}:3000`));
  expect(Object.keys(services.caddy?.depends_on ?? {})).toEqual(instances);
});

test("without its secrets the fleet does not start, and says which is missing", async () => {
  await expect(compose({ POSTGRES_PASSWORD: "p" })).rejects.toThrow("Set SESSION_SECRET");
  await expect(compose({ SESSION_SECRET: "s" })).rejects.toThrow("Set POSTGRES_PASSWORD");
});

test("every service comes back by itself, has a bound on its memory and says whether it is well", async () => {
  const services = await compose(secrets);
  const images = await Bun.file(rootFile("Dockerfile")).text();
  for (const [name, service] of Object.entries(services)) {
    expect([name, service.restart]).toEqual([name, "unless-stopped"]);
    expect([name, service.mem_limit]).toEqual([name, expect.stringMatching(/^\d+[mg]$/)]);
    // The instances' look after themselves stands in their image.
    const isWatched = service.healthcheck !== undefined || /^app\d$/.test(name);
    expect([name, isWatched]).toEqual([name, true]);
  }
  const appImage = images.slice(images.indexOf(" AS app"));
  expect(appImage).toContain("HEALTHCHECK");
  expect(/^USER (.+)$/m.exec(appImage)?.[1]).toBe("bun");
  for (const app of [services.app1, services.app2]) {
    expect(app).toMatchObject({ security_opt: ["no-new-privileges:true"], cap_drop: ["ALL"] });
  }
});
