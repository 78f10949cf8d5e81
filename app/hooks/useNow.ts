import { useRouteLoaderData } from "@remix-run/react";
import { useSyncExternalStore } from "react";

const tickMs = 10_000;
let now = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** The time for relative times: the server's while the page hydrates, then a clock that ticks every ten seconds. */
export function useNow(): number {
  const root = useRouteLoaderData("root") as { now?: number } | undefined;
  const served = root?.now ?? 0;
  return useSyncExternalStore(
    subscribe,
    () => now || served,
    () => served,
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const tell of listeners) tell();
    }, tickMs);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    now = 0;
  };
}
