import type { ActionFunctionArgs, LoaderFunctionArgs, ServerBuild } from "@remix-run/server-runtime";
import { createTRPCClient, httpBatchLink } from "@trpc/client";
import superjson from "superjson";
import { testDatabase } from "../db/testing.ts";
import { readEnv } from "./env.ts";
import type { Pages } from "./http/pages.ts";
import type { SocketTimes } from "./http/socket.ts";
import { createLogger } from "./logger.ts";
import { createAgent } from "./services/agents/create.ts";
import { asSystem } from "./services/context.ts";
import { createOrRestore } from "./services/users/set-up.ts";
import { start } from "./start.ts";
import type { AppRouter } from "./trpc/router.ts";

export const password = "three plain words";

export type TestServer = Awaited<ReturnType<typeof testServer>>;

/** The whole server in this process, on a free port and a database of its own; small pages stand in for the built ones. */
export async function testServer(env: Record<string, string> = {}, socketTimes?: Partial<SocketTimes>) {
  const db = await testDatabase();
  const config = readEnv({
    PORT: "0",
    LOG_LEVEL: "silent",
    SESSION_SECRET: "a secret that is only good for tests",
    DRAIN_SECONDS: "3",
    ...(db.url && { DATABASE_URL: db.url }),
    ...env,
  });
  const running = await start({ config, logger: createLogger(config), pages, db, socketTimes });
  const { host } = running.app;
  const { url } = running;

  return {
    ...running,
    db,
    /** A person who can sign in, and the cookie of a session of theirs. */
    async signedIn(email = "ann@example.org", role: "viewer" | "operator" | "admin" = "admin") {
      const { person } = await createOrRestore(host, { name: "Ann", email, password, role });
      const response = await signIn(url, email);
      return { person, cookie: cookieOf(response) };
    },
    agent: (name = `agent-${crypto.randomUUID().slice(0, 8)}`) =>
      createAgent(asSystem(host), { name, capabilities: [], maxConcurrent: 1 }),
  };
}

export const signIn = (url: string, email: string, word = password) =>
  fetch(`${url}/sign-in`, {
    method: "POST",
    headers: { origin: url },
    body: new URLSearchParams({ email, password: word }),
  });

export const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(";")[0] ?? "";

export const httpClient = (url: string, headers: Record<string, string> = {}) =>
  createTRPCClient<AppRouter>({
    links: [httpBatchLink({ url: `${url}/trpc`, transformer: superjson, headers, maxItems: 20 })],
  });

const text = (form: FormData, name: string) => String(form.get(name) ?? "");

/** Each answers in JSON with what the load context gave. */
const modules = {
  who: {
    loader: async ({ context }: LoaderFunctionArgs) =>
      Response.json({ actor: context.actor, needsSetup: context.needsSetup, cursor: await context.cursor() }),
  },
  page: {
    loader: ({ context }: LoaderFunctionArgs) =>
      new Response(`<script nonce="${context.nonce}"></script>`, { headers: { "Content-Type": "text/html" } }),
  },
  broken: {
    loader: () => {
      throw new Error("a canary that nobody may see");
    },
  },
  "sign-in": {
    async action({ context, request }: ActionFunctionArgs) {
      const form = await request.formData();
      const result = await context.auth.signIn(text(form, "email"), text(form, "password"));
      return result.ok ? Response.json(result, result) : Response.json(result, { status: 422 });
    },
  },
  "sign-out": {
    action: async ({ context }: ActionFunctionArgs) => new Response(null, { headers: await context.auth.signOut() }),
  },
  "set-up": {
    async action({ context, request }: ActionFunctionArgs) {
      const form = await request.formData();
      const field = (name: string) => text(form, name);
      const result = await context.auth.setup({
        token: field("token"),
        name: field("name"),
        email: field("email"),
        password: field("password"),
      });
      return result.ok ? Response.json(result, result) : Response.json(result, { status: 422 });
    },
  },
  invite: {
    async action({ context, request }: ActionFunctionArgs) {
      const result = await context.submit((api, input) => api.users.invite(input), await request.formData());
      return Response.json(result, { status: result.ok ? 200 : result.status });
    },
  },
};

const routes = Object.fromEntries(Object.entries(modules).map(([path, module]) => [path, { id: path, path, module }]));

const build: ServerBuild = {
  entry: { module: { default: () => new Response("no page"), handleError: () => {} } },
  // Resource routes: modules without a component.
  routes: routes as unknown as ServerBuild["routes"],
  assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "test" },
  publicPath: "/",
  assetsBuildDirectory: "",
  future: { v3_singleFetch: true } as ServerBuild["future"],
  isSpaMode: false,
  mode: "production",
};

const pages: Pages = { build, isDev: false, folders: [] };
