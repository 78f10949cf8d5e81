import { expect, test } from "bun:test";
import { cookieOf, httpClient, signIn, testServer } from "./testing.ts";

test("a stopping server answers what waits, sends sockets elsewhere with 1001 and refuses what is new", async () => {
  const server = await testServer();
  const { token } = await server.agent();
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
  const messages: string[] = [];
  socket.onmessage = ({ data }) => messages.push(String(data));
  const closed = new Promise<number>((resolve) => {
    socket.onclose = ({ code }) => resolve(code);
  });
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));

  const api = httpClient(server.url, { authorization: `Bearer ${token}` });
  const longPoll = api.tasks.claim.mutate({ waitMs: 20_000 });
  // An answer to a later call means that the long poll has been taken in.
  await api.session.me.query();

  const began = performance.now();
  const stopped = server.stop();
  const again = server.stop();
  expect(await longPoll).toEqual([]);
  expect(await closed).toBe(1001);
  expect(messages.some((message) => message.includes('"reconnect"'))).toBe(true);
  await Promise.all([stopped, again]);
  expect(performance.now() - began).toBeLessThan(3000);
  expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test("a change under way is finished and answered", async () => {
  const server = await testServer();
  await server.signedIn();
  const signingIn = signIn(server.url, "ann@example.org");
  // The request is under way as soon as the server has been asked anything after it.
  await fetch(`${server.url}/healthz`);
  const stopped = server.stop();
  const response = await signingIn;
  expect(response.status).toBe(200);
  expect(cookieOf(response)).toStartWith("wf_session=");
  await stopped;
});
