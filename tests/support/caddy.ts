import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootFile } from "../../server/http/pages.ts";
import { freePort } from "./server.ts";
import { until } from "./until.ts";

/** Caddy with the project's own Caddyfile, over plain HTTP on a free port, in front of these servers. */
export async function startCaddy(upstreams: { url: string }[]) {
  const data = mkdtempSync(join(tmpdir(), "wf-caddy-"));
  const url = `http://127.0.0.1:${freePort()}`;
  const child = Bun.spawn(["caddy", "run", "--config", rootFile("Caddyfile"), "--adapter", "caddyfile"], {
    env: {
      PATH: process.env.PATH ?? "",
      HOME: data,
      DOMAIN: url,
      APP_UPSTREAMS: upstreams.map((upstream) => new URL(upstream.url).host).join(" "),
      ASSETS_DIR: rootFile("build/client"),
    },
    stdout: "ignore",
    stderr: Bun.file(join(data, "log")),
  });
  await until("Caddy answers with an instance behind it", async () => {
    if (child.exitCode !== null) throw new Error(await Bun.file(join(data, "log")).text());
    return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok;
  });
  return {
    url,
    stop: async () => {
      child.kill();
      await child.exited;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
