import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** Where there is a Compose, which needs no Docker for it; elsewhere the tests at least read the file. */
export async function validateCompose(): Promise<void> {
  const compose = await findCompose();
  if (!compose) return console.log("  no Docker Compose here, so only the tests read docker-compose.yml");
  // Beside a .env, as an operator has it.
  const folder = mkdtempSync(join(tmpdir(), "wf-compose-"));
  try {
    copyFileSync("docker-compose.yml", join(folder, "docker-compose.yml"));
    const secrets = { POSTGRES_PASSWORD: "p".repeat(32), SESSION_SECRET: "s".repeat(32) };
    const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(folder, ".env"), lines.join(""));
    const [command = "", ...words] = compose;
    await run(command, [
      ...words,
      "--project-directory",
      folder,
      "-f",
      join(folder, "docker-compose.yml"),
      "config",
      "-q",
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function findCompose(): Promise<string[] | undefined> {
  for (const command of [["docker", "compose"], ["docker-compose"]]) {
    const { exitCode } = await Bun.$`${command} version`.quiet().nothrow();
    if (exitCode === 0) return command;
  }
}
