/**
 * Everything that must pass, from a fresh clone: `bun run check`. With a word after it, only that part: lint, unit,
 * integration, e2e. Nothing from node_modules may be imported before `install` has run.
 */
import { mkdirSync } from "node:fs";
import { ensureCaddy, validateCaddyfile, validateCompose } from "./check/fleet.ts";
import { install } from "./check/install.ts";
import { failures, run, step } from "./check/steps.ts";
import { type Counts, closingLine, countJunit, countPlaywright } from "./check/tally.ts";

const part = process.argv[2] ?? "all";
const wants = (name: string) => part === "all" || part === name;
const counts: Counts[] = [];
const testDirs = ["server", "db", "client", "app", "demo"];

await step("install", install);
mkdirSync("test-results", { recursive: true });

if (wants("lint")) {
  await step("format and lint", () => run("bunx", ["--bun", "biome", "ci", "."]));
  await step("types", () => run("bunx", ["--bun", "tsc", "--noEmit"]));
  await step("import rules", () =>
    run("bunx", ["--bun", "depcruise", "--config", ".dependency-cruiser.js", "app", "server", "db", "client", "demo"]),
  );
  await step("unused code", () => run("bunx", ["--bun", "knip"]));
  await step("migrations match the schema", () => run("bunx", ["--bun", "drizzle-kit", "check"]));
  await step("Caddyfile", validateCaddyfile);
  await step("docker-compose.yml", validateCompose);
}
// Some tests start the whole server, which serves the built pages.
if (part !== "lint") await step("build", () => run("bun", ["run", "build"]));
if (wants("unit")) {
  await step("unit tests on the embedded database", async () => {
    await runTests("unit", testDirs);
  });
  counts.push(await countJunit("test-results/unit.xml"));
}

const needsServices = wants("integration") || wants("e2e");
if (needsServices && !failures.includes("install")) {
  const { findServices } = await import("./check/services.ts");
  await using services = await findServices();
  const env = { TEST_DATABASE_URL: services.databaseUrl, TEST_REDIS_URL: services.redisUrl };

  if (wants("integration")) {
    await step("Caddy", ensureCaddy);
    await step("the same tests on Postgres and Redis", async () => {
      await runTests(
        "integration",
        [...testDirs, "tests/cluster", "tests/live", "tests/queue", "tests/plans", "tests/agents"],
        env,
      );
    });
    counts.push(await countJunit("test-results/integration.xml"));
  }
  if (wants("e2e")) {
    const { findChromium } = await import("./check/chromium.ts");
    await step("browser tests", async () => {
      const chromium = await findChromium();
      await run("bunx", ["--bun", "playwright", "test"], { ...env, CHROMIUM_PATH: chromium });
    });
    counts.push(await countPlaywright("test-results/e2e.json"));
  }
}

if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
console.log(closingLine(counts));
process.exit(failures.length > 0 || counts.some((one) => one.failed > 0) ? 1 : 0);

/** A test waits for what should happen, never for time to pass, so its limit is generous: this machine may be busy. */
function runTests(report: string, dirs: string[], env: Record<string, string> = {}): Promise<void> {
  const reporter = ["--reporter=junit", `--reporter-outfile=test-results/${report}.xml`];
  return run("bun", ["test", "--timeout", "60000", ...reporter, ...dirs], env);
}
