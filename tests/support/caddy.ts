import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootFile } from "../../server/http/pages.ts";
import { freePort } from "./server.ts";
import { until } from "./until.ts";

/**
 * Caddy with the project's own Caddyfile in front of these servers: over plain HTTP on a free port, or as in production
 * over HTTPS, at https://localhost on this port and with a certificate of its own making.
 */
export async function startCaddy(upstreams: { url: string }[], { httpsPort }: { httpsPort?: number } = {}) {
  const data = mkdtempSync(join(tmpdir(), "wf-caddy-"));
  const httpPort = freePort();
  const plainUrl = `http://${httpsPort ? "localhost" : "127.0.0.1"}:${httpPort}`;
  const url = httpsPort ? `https://localhost:${httpsPort}` : plainUrl;
  const launch = () =>
    Bun.spawn(["caddy", "run", "--config", rootFile("Caddyfile"), "--adapter", "caddyfile"], {
      env: {
        PATH: process.env.PATH ?? "",
        HOME: data,
        DOMAIN: httpsPort ? "localhost" : plainUrl,
        HTTP_PORT: String(httpPort),
        HTTPS_PORT: String(httpsPort ?? freePort()),
        APP_UPSTREAMS: upstreams.map((upstream) => new URL(upstream.url).host).join(" "),
        ASSETS_DIR: rootFile("build/client"),
      },
      stdout: "ignore",
      stderr: Bun.file(join(data, "log")),
    });
  let child = launch();
  const answers = () =>
    until("Caddy answers with an instance behind it", async () => {
      if (child.exitCode !== null) throw new Error(await Bun.file(join(data, "log")).text());
      return (await fetch(`${url}/readyz`, { tls: { rejectUnauthorized: false } }).catch(() => undefined))?.ok;
    });
  await answers();
  return {
    url,
    plainUrl,
    /** Ends it and starts it anew in its place. */
    restart: async () => {
      child.kill();
      await child.exited;
      child = launch();
      await answers();
    },
    stop: async () => {
      child.kill();
      await child.exited;
      rmSync(data, { recursive: true, force: true });
    },
  };
}
