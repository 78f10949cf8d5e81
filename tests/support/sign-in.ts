import { createTRPCClient, httpBatchLink } from "@trpc/client";
import superjson from "superjson";
import type { AppRouter } from "../../server/trpc/router.ts";
import { admin } from "./server.ts";

/** Signs in through the login form, as a browser without JavaScript does, and answers with the session's cookie. */
export async function signIn(url: string, { email, password } = admin): Promise<string> {
  const answer = await fetch(`${url}/login`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: url },
    body: new URLSearchParams({ email, password }),
  });
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  if (answer.status !== 302 || !cookie) throw new Error(`Signing in was answered with ${answer.status}`);
  return cookie;
}

/** The typed client of a signed-in person. */
export function personClient(url: string, cookie: string) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url: `${url}/trpc`,
        transformer: superjson,
        headers: { cookie, origin: url },
        maxItems: 100,
        maxURLLength: 8_000,
      }),
    ],
  });
}
