import type { Config } from "../env.ts";

type Site = Pick<Config, "publicUrl" | "trustProxy" | "corsOrigins">;

const safe = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a browser may have been made to send this by another site. Browsers say where a request comes from:
 * `Sec-Fetch-Site`, or `Origin`. What another site sends is refused, and so is what carries a cookie without saying.
 * A program that sends a token and no cookie cannot be tricked, and passes.
 */
export function isForged(request: Request, site: Site): boolean {
  if (safe.has(request.method)) return false;
  const isOurs = comesFromUs(request, site);
  if (isOurs || mayCallAcrossOrigins(request, site)) return false;
  return isOurs === false ? !isTokenOnly(request) : request.headers.has("cookie");
}

/** True or false as the browser says it; undefined when it says nothing. */
export function comesFromUs(request: Request, site: Site): boolean | undefined {
  const fetchSite = request.headers.get("sec-fetch-site");
  if (fetchSite) return fetchSite === "same-origin" || fetchSite === "none";
  const origin = request.headers.get("origin");
  return origin === null ? undefined : isOwnOrigin(origin, request, site);
}

/** Behind https only the public address itself counts: the same host over http is somebody else's. */
function isOwnOrigin(origin: string, request: Request, { publicUrl, trustProxy }: Site): boolean {
  if (origin === publicUrl) return true;
  if (publicUrl?.startsWith("https:") || !URL.canParse(origin)) return false;
  const forwarded = trustProxy ? request.headers.get("x-forwarded-host") : null;
  return new URL(origin).host === (forwarded ?? request.headers.get("host"));
}

/** An origin that the operator allows gets no further than its token does: cookies do not count. */
export function mayCallAcrossOrigins(request: Request, { corsOrigins }: Site): boolean {
  const origin = request.headers.get("origin");
  return origin !== null && corsOrigins.includes(origin) && !request.headers.has("cookie");
}

const isTokenOnly = ({ headers }: Request) => headers.has("authorization") && !headers.has("cookie");
