import { Link, useLocation } from "@remix-run/react";
import { useHydrated } from "~/hooks/useHydrated.ts";
import { useConnection } from "~/lib/live.ts";
import { Icon } from "./Icon.tsx";

/** Whether what the page shows is the present: a dot or a sign, and the word. Without JavaScript it says so. */
export function ConnectionChip() {
  const isHydrated = useHydrated();
  const { state, behind, since } = useConnection();
  if (!isHydrated) return <NoScriptChip />;
  if (state === "live") {
    return (
      <span role="status" className="inline-flex items-center gap-1.5 text-completed">
        <Icon name="dot" className="size-3.5" />
        Live
      </span>
    );
  }
  if (state === "catching-up") {
    return (
      <span role="status" className="inline-flex items-center gap-1.5 text-waiting">
        <span className="animate-turn">
          <Icon name="turn" className="size-3.5" />
        </span>
        Catching up{behind > 0 ? ` ${behind}` : null}
      </span>
    );
  }
  if (state === "connecting") return <span className="text-muted">Connecting…</span>;
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-failed">
      <Icon name="unplugged" className="size-3.5" />
      Offline since {new Date(since).toTimeString().slice(0, 5)}
      <ReloadLink />
    </span>
  );
}

const NoScriptChip = () => (
  <noscript>
    <span className="text-muted">
      As of loading. <ReloadLink />
    </span>
  </noscript>
);

function ReloadLink() {
  const { pathname, search } = useLocation();
  return (
    <Link to={pathname + search} reloadDocument className="underline underline-offset-2">
      Reload
    </Link>
  );
}
