import type { Config } from "../env.ts";

/** One request and what is known about it before anybody looks at what it wants. */
export interface Incoming {
  request: Request;
  url: URL;
  id: string;
  ip: string;
  /** Who it turned out to be, for the log. */
  actor?: { type: string; id: string | null } | null;
  /** Aborts when the client has gone or the server is about to stop. */
  signal: AbortSignal;
}

const givenId = /^[\w-]{8,64}$/;

/** A proxy's request id is kept, so that its log and ours speak of the same thing. */
export function requestIdOf(request: Request, { trustProxy }: Pick<Config, "trustProxy">): string {
  const given = request.headers.get("x-request-id");
  return trustProxy && given && givenId.test(given) ? given : Bun.randomUUIDv7();
}

/** Where people and agents find this site: as configured, else as the trusted proxy says, else as they asked. */
export function siteOf(
  request: Request,
  url: URL,
  { publicUrl, trustProxy }: Pick<Config, "publicUrl" | "trustProxy">,
): string {
  if (publicUrl) return publicUrl;
  const forwarded = (name: string) =>
    trustProxy ? request.headers.get(`x-forwarded-${name}`)?.split(",").at(-1)?.trim() : undefined;
  const scheme = forwarded("proto") === "https" ? "https:" : url.protocol;
  const asked = `${scheme}//${forwarded("host") || url.host}`;
  return URL.canParse(asked) ? new URL(asked).origin : url.origin;
}

/** The client's address; a proxy's word for it only when the proxy is trusted. The proxy appends, so the last one counts. */
export function ipOf(request: Request, peer: string | undefined, { trustProxy }: Pick<Config, "trustProxy">): string {
  const forwarded = trustProxy ? request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() : undefined;
  return forwarded || peer || "unknown";
}
