import { expect, test } from "bun:test";
import { siteOf } from "./request.ts";

const url = new URL("http://10.0.0.7:3000/agents/new");
const asked = (headers: Record<string, string> = {}) => new Request(url, { headers });

test("links that leave the site name the address that was configured", () => {
  const config = { publicUrl: "https://factory.example", trustProxy: true };
  expect(siteOf(asked({ "x-forwarded-host": "elsewhere.example" }), url, config)).toBe("https://factory.example");
});

test("without one they name what the trusted proxy was asked for", () => {
  const forwarded = asked({ "x-forwarded-host": "factory.example", "x-forwarded-proto": "https" });
  expect(siteOf(forwarded, url, { publicUrl: undefined, trustProxy: true })).toBe("https://factory.example");
  expect(siteOf(forwarded, url, { publicUrl: undefined, trustProxy: false })).toBe("http://10.0.0.7:3000");
});

test("a proxy's nonsense is not repeated", () => {
  const forwarded = asked({ "x-forwarded-host": "not a host" });
  expect(siteOf(forwarded, url, { publicUrl: undefined, trustProxy: true })).toBe("http://10.0.0.7:3000");
});
