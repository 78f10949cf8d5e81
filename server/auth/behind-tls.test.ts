import { afterAll, beforeAll, expect, test } from "bun:test";
import { cookieOf, password, type TestServer, testServer } from "../testing.ts";

const publicUrl = "https://factory.example";
let server: TestServer;
beforeAll(async () => {
  const admin = { ADMIN_EMAIL: "Ann@Example.org", ADMIN_PASSWORD: password };
  server = await testServer({ PUBLIC_URL: publicUrl, TRUST_PROXY: "true", ...admin });
});
afterAll(() => server.stop());

const signIn = (origin: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/sign-in`, {
    method: "POST",
    headers: { origin, ...headers },
    body: new URLSearchParams({ email: "ann@example.org", password }),
  });

test("behind https the cookie is bound to the host and never sent in the clear, and browsers are told to stay", async () => {
  const response = await signIn(publicUrl, { "x-forwarded-for": "203.0.113.9, 198.51.100.7" });
  expect(response.headers.getSetCookie()[0]).toMatch(/^__Host-wf_session=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  expect(response.headers.get("strict-transport-security")).toBe("max-age=31536000");
  const who = await fetch(`${server.url}/who`, { headers: { cookie: cookieOf(response) } });
  expect((await who.json()).actor).toMatchObject({ type: "person", role: "admin" });
});

test("the session remembers the address that the trusted proxy saw, not what the client claimed", async () => {
  const [session] = await server.db.query<{ ip_address: string }>("select ip_address from sessions");
  expect(session?.ip_address).toBe("198.51.100.7");
});

test("the same host over http is another origin", async () => {
  expect((await signIn(server.url)).status).toBe(403);
});

test("the proxy's request id is kept", async () => {
  const { headers } = await fetch(`${server.url}/who`, { headers: { "x-request-id": "from-the-proxy-1" } });
  expect(headers.get("x-request-id")).toBe("from-the-proxy-1");
});

test("metrics without a token are not read through the proxy", async () => {
  expect((await fetch(`${server.url}/metrics`, { headers: { "x-forwarded-for": "203.0.113.9" } })).status).toBe(401);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
});
