import { localTime } from "~/lib/format.ts";
import { useHydrated } from "./useHydrated.ts";

/**
 * Moves a moment so that the words for it, which read UTC, say the viewer's own time. The server and the hydrating page
 * say UTC, in as many characters.
 */
export function useLocalTime(): { isLocal: boolean; inZone: (at: Date) => Date } {
  const isLocal = useHydrated();
  return { isLocal, inZone: isLocal ? localTime : (at) => at };
}
