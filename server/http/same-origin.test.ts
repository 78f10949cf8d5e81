import { describe, expect, test } from "bun:test";
import { isForged } from "./same-origin.ts";

const site = { publicUrl: undefined, trustProxy: false, corsOrigins: ["https://tools.example"] };
const behindTls = { ...site, publicUrl: "https://factory.example", trustProxy: true };
const cookie = { cookie: "wf_session=x" };

const post = (headers: Record<string, string>, url = "http://factory.local:3000/tasks") =>
  new Request(url, { method: "POST", headers: { host: new URL(url).host, ...headers } });

describe("a change with a cookie", () => {
  test.each([
    ["from our page", { "sec-fetch-site": "same-origin", origin: "http://factory.local:3000" }],
    ["typed by the reader", { "sec-fetch-site": "none" }],
    ["from an old browser's own origin", { origin: "http://factory.local:3000" }],
  ])("%s passes", (_what, headers) => {
    expect(isForged(post({ ...cookie, ...headers }), site)).toBe(false);
  });

  test.each([
    ["from another site", { "sec-fetch-site": "cross-site" }],
    ["from a sibling domain", { "sec-fetch-site": "same-site", origin: "http://evil.local:3000" }],
    ["from another origin in an old browser", { origin: "https://evil.example" }],
    ["from another port", { origin: "http://factory.local:4000" }],
    ["from nowhere", { origin: "null" }],
    ["from an allowed other origin", { origin: "https://tools.example" }],
    ["without a word about where it is from", {}],
  ])("%s is refused", (_what, headers) => {
    expect(isForged(post({ ...cookie, ...headers }), site)).toBe(true);
  });
});

test("a sign-in form on another site is refused though it has no cookie yet", () => {
  expect(isForged(post({ "sec-fetch-site": "cross-site", origin: "https://evil.example" }), site)).toBe(true);
});

test("a program with a token and no cookie passes, wherever it runs", () => {
  expect(isForged(post({ authorization: "Bearer wfd_x" }), site)).toBe(false);
  expect(isForged(post({ authorization: "Bearer wfd_x", origin: "https://tools.example" }), site)).toBe(false);
  expect(isForged(post({ authorization: "Bearer wfd_x", origin: "https://evil.example", ...cookie }), site)).toBe(true);
});

test("reading is no change", () => {
  const read = new Request("http://factory.local:3000/tasks", {
    headers: { ...cookie, origin: "https://evil.example" },
  });
  expect(isForged(read, site)).toBe(false);
});

test("behind https, the same host over http is another origin", () => {
  const url = "http://factory.example/tasks";
  expect(isForged(post({ ...cookie, origin: "https://factory.example" }, url), behindTls)).toBe(false);
  expect(isForged(post({ ...cookie, origin: "http://factory.example" }, url), behindTls)).toBe(true);
});
