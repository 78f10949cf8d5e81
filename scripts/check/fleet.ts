import { aptInstall } from "./apt.ts";
import { run } from "./steps.ts";

/** Caddy stands in front of the instances, in production and in the tests. */
export async function ensureCaddy(): Promise<void> {
  if (!Bun.which("caddy")) await aptInstall("caddy");
}

export async function validateCaddyfile(): Promise<void> {
  await ensureCaddy();
  await run("caddy", ["validate", "--config", "Caddyfile", "--adapter", "caddyfile"]);
}

/** Where there is a Docker with Compose; elsewhere the tests at least read the file. */
export async function validateCompose(): Promise<void> {
  const compose = await Bun.$`docker compose version`.quiet().nothrow();
  if (compose.exitCode !== 0) return console.log("  no Docker Compose here, so only the tests read docker-compose.yml");
  const secrets = { POSTGRES_PASSWORD: "p".repeat(32), SESSION_SECRET: "s".repeat(32) };
  await run("docker", ["compose", "config", "--quiet"], secrets);
}
