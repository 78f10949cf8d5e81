import "./styles.css";
import { data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { Links, Meta, Outlet, Scripts, useMatches, useNavigation, useRouteLoaderData } from "@remix-run/react";
import { type ReactNode, useState } from "react";
import { ErrorPage } from "~/components/shared/ErrorPage.tsx";
import { Header } from "~/components/shared/Header.tsx";
import { Spinner } from "~/components/shared/Spinner.tsx";
import { SteadyScroll } from "~/components/shared/SteadyScroll.tsx";
import { Toast } from "~/components/shared/Toast.tsx";
import { useRealtimeUpdates } from "~/hooks/useRealtimeUpdates.ts";
import { readTheme } from "~/lib/cookies.server.ts";
import type { Stream } from "~/lib/live.client.ts";
import { useNonce } from "~/lib/nonce.ts";
import { forgetHeader, readSaid } from "~/lib/said.server.ts";
import { titleOf } from "~/lib/title.ts";

export async function loader({ context, request }: LoaderFunctionArgs) {
  const { actor, requestId } = context;
  // The frame listens on every page, also on those that could not be shown; the cursor comes before the count.
  const live: Stream | undefined = actor ? { cursor: await context.cursor(), channels: ["suggestions"] } : undefined;
  const waiting = actor ? (await context.api.suggestions.pendingCount()).count : 0;
  const said = readSaid(request);
  return data(
    {
      actor,
      requestId,
      waiting,
      live,
      theme: readTheme(request),
      now: Date.now(),
      said,
      origin: context.site,
    },
    said ? { headers: { "Set-Cookie": forgetHeader } } : undefined,
  );
}

export const meta: MetaFunction = ({ matches }) => titleOf("Workflow Factory", matches);

type RootData = Awaited<ReturnType<typeof loader>>["data"];
const useRoot = () => useRouteLoaderData<typeof loader>("root") as RootData | undefined;

export function Layout({ children }: { children: ReactNode }) {
  const root = useRoot();
  const nonce = useNonce();
  const theme = root?.theme ?? "system";
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <link rel="icon" type="image/svg+xml" href={root?.waiting ? "/favicon-waiting.svg" : "/favicon.svg"} />
        <Meta />
        <Links />
      </head>
      <body>
        {root?.actor ? <Framed root={root}>{children}</Framed> : <main id="main">{children}</main>}
        <SteadyScroll />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

function Framed({ root, children }: { root: RootData; children: ReactNode }) {
  return (
    <div className="lg:grid lg:min-h-dvh lg:grid-cols-[13rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-3 focus:left-3 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to content
      </a>
      {root.actor ? <Header person={root.actor} waiting={root.waiting} theme={root.theme} /> : null}
      <Live />
      <main id="main" tabIndex={-1} className="min-w-0 px-4 pt-4 pb-24 outline-none lg:px-6 lg:pb-8">
        {children}
      </main>
    </div>
  );
}

/** Says that a page is on its way, when it takes longer than one notices. */
function Loading() {
  const isLoading = useNavigation().state === "loading";
  return isLoading ? (
    <div className="fixed top-2 right-4 z-40 animate-late rounded-md bg-raised px-2 py-1 text-xs shadow-float">
      <Spinner word="Loading" />
    </div>
  ) : null;
}

export default function App() {
  return (
    <>
      <Outlet />
      <Said />
      <Loading />
    </>
  );
}

function Live() {
  useRealtimeUpdates(useStreamOfPage());
  return null;
}

/** The deepest page that says what it listens to; one subscription serves it and the frame. */
function useStreamOfPage(): Stream | undefined {
  const streams = useMatches().map((match) => (match.data as { live?: Stream } | null | undefined)?.live);
  return streams.findLast((stream) => stream !== undefined);
}

function Said() {
  const said = useRoot()?.said ?? null;
  const [shown, setShown] = useState(said);
  const [seen, setSeen] = useState(said);
  // The loader says a thing once; the next load must not take the toast away. (Derived state, set while rendering.)
  if (said !== seen) {
    setSeen(said);
    if (said) setShown(said);
  }
  return shown ? <Toast key={shown.text} message={shown} onGone={() => setShown(null)} /> : null;
}

export function ErrorBoundary() {
  return <ErrorPage />;
}
