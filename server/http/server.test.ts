import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { httpClient, type TestServer, testServer } from "../testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer({ METRICS_TOKEN: "a token for metrics", CORS_ORIGINS: "https://tools.example" });
});
afterAll(() => server.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers });

describe("every answer", () => {
  test.each(["/healthz", "/who", "/trpc/session.me", "/broken"])(
    "%s names the request and the instance",
    async (path) => {
      const { headers } = await get(path, { "x-request-id": "spoofed-by-a-client" });
      expect(headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
      expect(headers.get("x-instance")).toBe(server.app.config.instanceId);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("x-frame-options")).toBe("DENY");
    },
  );

  test("a page's scripts need a nonce that is new each time", async () => {
    const [first, second] = await Promise.all([get("/page"), get("/page")]);
    const policy = first.headers.get("content-security-policy") ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(await first.text()).toContain(`nonce="${nonce}"`);
    expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    expect(second.headers.get("content-security-policy")).not.toBe(policy);
  });

  test("a fault shows nothing of the inside", async () => {
    const response = await get("/broken");
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("canary");
  });
});

describe("health", () => {
  test("the process is up, and ready for traffic", async () => {
    expect(await (await get("/healthz")).text()).toBe("ok");
    const ready = await get("/readyz");
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({
      status: "ok",
      database: { ok: true },
      bus: { ok: true },
      migrations: { ok: true },
    });
  });

  test("the same is told to members over the API, and to nobody else", async () => {
    const { token } = await server.agent();
    const api = httpClient(server.url, { authorization: `Bearer ${token}` });
    expect(await api.system.health.query()).toMatchObject({ status: "ok", draining: false });
    expect(await api.system.info.query()).toMatchObject({ database: server.db.kind, bus: "memory" });
    await expect(httpClient(server.url).system.info.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });
});

describe("metrics", () => {
  test("need their token", async () => {
    expect((await get("/metrics")).status).toBe(401);
    expect((await get("/metrics", { authorization: "Bearer wrong" })).status).toBe(401);
  });

  test("count by route, whatever addresses are tried", async () => {
    for (let i = 0; i < 20; i++) await get(`/nowhere/${crypto.randomUUID()}`);
    await get("/who");
    await get("/trpc/session.me");
    const text = await (await get("/metrics", { authorization: "Bearer a token for metrics" })).text();
    const routes = new Set(
      [...text.matchAll(/wf_http_request_seconds_count\{route="([^"]*)"/g)].map(([, route]) => route),
    );
    expect(routes).toContain("/who");
    expect(routes).toContain("trpc session.me");
    expect(routes).toContain("other");
    expect(routes.size).toBeLessThan(12);
    expect(text).toMatch(/^wf_database_up 1$/m);
    expect(text).toMatch(/^wf_tasks_ready 0$/m);
  });
});

describe("the API", () => {
  test("knows an agent by its token, and nobody by a made-up one", async () => {
    const { agent, token } = await server.agent();
    const me = (token: string) => httpClient(server.url, { authorization: `Bearer ${token}` }).session.me.query();
    expect(await me(token)).toMatchObject({ type: "agent", id: agent.id });
    expect(await me(`${token}x`)).toBeNull();
    await server.db.query("update agent_tokens set revoked_at = now() where agent_id = $1", [agent.id]);
    const until = performance.now() + 2000;
    while (await me(token)) expect(performance.now()).toBeLessThan(until);
  });

  test("takes at most a hundred calls at once", async () => {
    const names = (count: number) => Array.from({ length: count }, () => "session.me").join(",");
    expect((await get(`/trpc/${names(100)}?batch=1`)).status).toBe(200);
    const refused = await get(`/trpc/${names(101)}?batch=1`);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("exceeds maximum size");
  });

  test.each(["application/json", "multipart/form-data; boundary=x", "application/octet-stream", "text/plain"])(
    "refuses a change that another site sends as %s with the reader's cookie",
    async (type) => {
      const { cookie } = await server.signedIn();
      const headers = { cookie, origin: "https://evil.example", "content-type": type };
      const response = await fetch(`${server.url}/trpc/users.invite`, { method: "POST", headers, body: "{}" });
      expect(response.status).toBe(403);
    },
  );

  test("lets an allowed origin in with a token and without cookies", async () => {
    const { token } = await server.agent();
    const headers = { origin: "https://tools.example", authorization: `Bearer ${token}` };
    const response = await get("/trpc/session.me", headers);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://tools.example");
    expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    expect(
      (await get("/trpc/session.me", { origin: "https://evil.example" })).headers.get("access-control-allow-origin"),
    ).toBeNull();
  });

  test("refuses a body that is too large", async () => {
    const body = new Uint8Array(11 * 1024 * 1024);
    const response = await fetch(`${server.url}/trpc/session.me`, { method: "POST", body });
    expect(response.status).toBe(413);
  });
});
