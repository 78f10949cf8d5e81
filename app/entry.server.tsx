import type { AppLoadContext, EntryContext, LoaderFunctionArgs } from "@remix-run/node";
import { isRouteErrorResponse, RemixServer } from "@remix-run/react";
import { isbot } from "isbot";
import { renderToReadableStream } from "react-dom/server.browser";
import { NonceProvider } from "./lib/nonce.ts";

export default async function handleRequest(
  request: Request,
  status: number,
  headers: Headers,
  remix: EntryContext,
  { nonce }: AppLoadContext,
): Promise<Response> {
  let statusNow = status;
  const stream = await renderToReadableStream(
    <NonceProvider value={nonce}>
      <RemixServer context={remix} url={request.url} nonce={nonce} />
    </NonceProvider>,
    {
      nonce,
      signal: request.signal,
      onError(error) {
        // A reader who leaves in the middle of the page is no fault.
        if (request.signal.aborted) return;
        statusNow = 500;
        console.error(error);
      },
    },
  );
  if (isbot(request.headers.get("user-agent"))) await stream.allReady;
  headers.set("Content-Type", "text/html; charset=utf-8");
  return new Response(stream, { headers, status: statusNow });
}

/** Faults of loaders and actions, once each; what a reader caused has been made a response before. */
export function handleError(error: unknown, { request, context }: Pick<LoaderFunctionArgs, "request" | "context">) {
  const isRefusal = isRouteErrorResponse(error) && (error.status < 500 || error.status === 503);
  if (!isRefusal && !request.signal.aborted) console.error(`request ${context.requestId}:`, error);
}
