import type { Config } from "../env.ts";

/** Lets the operator's other origins call the API with a token. Credentials are never allowed, so cookies stay at home. */
export function preflight(request: Request, config: Pick<Config, "corsOrigins">): Response | undefined {
  if (request.method !== "OPTIONS") return undefined;
  const headers = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, idempotency-key, trpc-accept",
    "Access-Control-Max-Age": "600",
  };
  return corsHeaders(new Response(null, { status: 204, headers }), request, config);
}

export function corsHeaders(
  response: Response,
  request: Request,
  { corsOrigins }: Pick<Config, "corsOrigins">,
): Response {
  const origin = request.headers.get("origin");
  if (origin && corsOrigins.includes(origin)) {
    response.headers.set("Access-Control-Allow-Origin", origin);
    response.headers.append("Vary", "Origin");
  }
  return response;
}
