import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { asSystem } from "../services/context.ts";
import { createLink } from "../services/users/links.ts";
import { createOrRestore } from "../services/users/set-up.ts";
import { cookieOf, httpClient, password, signIn, type TestServer, testServer } from "../testing.ts";

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.stop());

const post = (path: string, fields: Record<string, string>, cookie = "") =>
  fetch(`${server.url}/${path}`, {
    method: "POST",
    headers: { origin: server.url, ...(cookie && { cookie }) },
    body: new URLSearchParams(fields),
  });
const who = async (cookie: string) => (await fetch(`${server.url}/who`, { headers: { cookie } })).json();
const actionsOf = async (id: string) => {
  const rows = await server.db.query<{ action: string }>(
    "select action from audit_logs where entity_type = 'user' and entity_id = $1 order by seq",
    [id],
  );
  return rows.map(({ action }) => action);
};

describe("the first person", () => {
  const fields = { name: "Ann", email: "Ann@Example.org", password };

  test("needs the link's token", async () => {
    const refused = await post("set-up", { ...fields, token: "guessed" });
    expect(refused.status).toBe(422);
    expect((await refused.json()).fieldErrors.token[0]).toContain("Ask an admin for a new one");
    expect(await who("")).toMatchObject({ needsSetup: true, actor: null });
  });

  test("becomes admin by the link, once, and is signed in; every set-up link ends", async () => {
    const token = await createLink(server.db, "setup");
    const other = await createLink(server.db, "setup");
    const weak = await post("set-up", { ...fields, token, password: "password12" });
    expect((await weak.json()).fieldErrors.password).toBeArray();

    const made = await post("set-up", { ...fields, token });
    expect(made.status).toBe(200);
    const { actor, needsSetup } = await who(cookieOf(made));
    expect(actor).toMatchObject({ type: "person", name: "Ann", role: "admin" });
    expect(needsSetup).toBe(false);
    expect(await actionsOf(actor.id)).toEqual(["created", "signed_in"]);
    expect((await post("set-up", { ...fields, token: other, email: "eve@example.org" })).status).toBe(422);
  });

  test("leaves no token and no password in the database", async () => {
    const rows = await server.db.query<{ text: string }>(
      "select row_to_json(a)::text as text from accounts a union all select row_to_json(v)::text from verifications v",
    );
    expect(rows.map(({ text }) => text).join()).not.toContain(password);
  });
});

describe("a session", () => {
  test("comes with a cookie that scripts and other sites do not get, and a new one each time", async () => {
    await server.signedIn("bob@example.org");
    const [first, second] = [await signIn(server.url, "bob@example.org"), await signIn(server.url, "bob@example.org")];
    expect(first.headers.getSetCookie()[0]).toMatch(/^wf_session=.*Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookieOf(first)).not.toBe(cookieOf(second));
  });

  test("ends with the sign-out, at once", async () => {
    const { cookie, person } = await server.signedIn("carl@example.org", "viewer");
    expect((await who(cookie)).actor).toMatchObject({ id: person.id, role: "viewer" });
    await post("sign-out", {}, cookie);
    expect((await who(cookie)).actor).toBeNull();
    expect((await actionsOf(person.id)).at(-1)).toBe("signed_out");
  });

  test("is not had with a made-up cookie", async () => {
    expect((await who("wf_session=made.up")).actor).toBeNull();
  });
});

describe("a refused sign-in", () => {
  test("says the same for a wrong password and an unknown address, and is kept in the audit log", async () => {
    const { person } = await server.signedIn("dora@example.org");
    const wrong = await signIn(server.url, "dora@example.org", "not the password");
    const unknown = await signIn(server.url, "nobody@example.org", "not the password");
    expect([wrong.status, unknown.status]).toEqual([422, 422]);
    expect(await wrong.json()).toEqual(await unknown.json());
    expect((await actionsOf(person.id)).at(-1)).toBe("sign_in_failed");
  });
});

describe("people", () => {
  test("are invited by a link that makes them choose a password, once", async () => {
    const { cookie } = await server.signedIn();
    const invited = await post("invite", { email: "eva@example.org", name: "Eva", role: "operator" }, cookie);
    const { value } = await invited.json();
    const token = new URL(value.link, server.url).searchParams.get("token") ?? "";
    expect((await signIn(server.url, "eva@example.org")).status).toBe(422);
    const joined = await post("set-up", { token, name: "Eva L", email: "other@example.org", password });
    expect((await who(cookieOf(joined))).actor).toMatchObject({ id: value.user.id, name: "Eva L", role: "operator" });
    expect((await post("set-up", { token, name: "Eva", email: "eva@example.org", password })).status).toBe(422);
    expect(await actionsOf(value.user.id)).toEqual(["invited", "sign_in_failed", "joined", "signed_in"]);
  });

  test("a form with errors comes back with what was typed", async () => {
    const { cookie } = await server.signedIn();
    const refused = await post("invite", { email: "no address", name: "Fay", role: "boss" }, cookie);
    expect(refused.status).toBe(422);
    const { fieldErrors, values } = await refused.json();
    expect(Object.keys(fieldErrors).sort()).toEqual(["email", "role"]);
    expect(values).toEqual({ email: "no address", name: "Fay", role: "boss" });
  });

  test("who is switched off is signed out and cannot come back until switched on", async () => {
    const admin = await server.signedIn();
    const { person, cookie } = await server.signedIn("gus@example.org", "operator");
    const api = httpClient(server.url, { cookie: admin.cookie, origin: server.url });
    await api.users.disable.mutate({ id: person.id });
    const refused = await signIn(server.url, "gus@example.org");
    expect((await refused.json()).message).toContain("switched off");
    const until = performance.now() + 2000;
    while ((await who(cookie)).actor) expect(performance.now()).toBeLessThan(until);
    await api.users.enable.mutate({ id: person.id });
    expect((await signIn(server.url, "gus@example.org")).status).toBe(200);
  });

  test("the last admin who can sign in stays one", async () => {
    const { person, cookie } = await server.signedIn();
    const api = httpClient(server.url, { cookie, origin: server.url });
    for (const { id, role } of (await api.users.list.query()).items) {
      if (role === "admin" && id !== person.id) await api.users.setRole.mutate({ id, role: "viewer" });
    }
    // An invited admin has no password yet and does not count.
    await api.users.invite.mutate({ email: "later@example.org", name: "Later", role: "admin" });
    const reason = { data: { code: "CONFLICT", reason: "last_admin" } };
    expect(api.users.setRole.mutate({ id: person.id, role: "viewer" })).rejects.toMatchObject(reason);
    expect(api.users.disable.mutate({ id: person.id })).rejects.toMatchObject(reason);
  });

  test("an operator at the command line can bring an account back", async () => {
    const { person } = await server.signedIn("hal@example.org", "viewer");
    await server.db.query("update users set disabled_at = now() where id = $1", [person.id]);
    const host = asSystem(server.app.host);
    const input = { name: "Hal", email: "hal@example.org", password: "another three words", role: "admin" as const };
    const restored = await createOrRestore(host, input);
    expect(restored).toMatchObject({ isNew: false, person: { id: person.id, role: "admin", disabledAt: null } });
    expect((await signIn(server.url, "hal@example.org", input.password)).status).toBe(200);
    expect((await signIn(server.url, "hal@example.org")).status).toBe(422);
  });
});
