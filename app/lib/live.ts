import { useSyncExternalStore } from "react";
import { type Connection, type LiveEntity, LiveStore, type Patch } from "./live-store.ts";

/** The page's one store. On the server nothing is ever put into it. */
export const liveStore = new LiveStore();

const atRest: Connection = { state: "connecting", behind: 0, since: 0 };

/** What the stream has said about rows of this kind since the page was loaded. */
export function usePatches(entity: LiveEntity): Patch[] {
  useLiveVersion();
  return liveStore.patches(entity);
}

/** Another number whenever the stream has changed what is shown. */
export const useLiveVersion = () => useSyncExternalStore(liveStore.subscribe, liveStore.version, () => 0);

export const useConnection = () => useSyncExternalStore(liveStore.subscribe, liveStore.connection, () => atRest);
