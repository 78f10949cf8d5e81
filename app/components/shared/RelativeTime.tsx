import { useLocalTime } from "~/hooks/useLocalTime.ts";
import { useNow } from "~/hooks/useNow.ts";
import { dayAndTime, exactTime, relativeTime } from "~/lib/format.ts";

/** "4 min ago", with the exact moment in the title, in the viewer's own time and in UTC. */
export function RelativeTime({ at, className = "text-muted" }: { at: Date; className?: string }) {
  const now = useNow();
  const { isLocal, inZone } = useLocalTime();
  return (
    <time
      dateTime={at.toISOString()}
      title={isLocal ? `${dayAndTime(inZone(at))} (${exactTime(at)})` : exactTime(at)}
      className={`whitespace-nowrap ${className}`}
      suppressHydrationWarning
    >
      {relativeTime(at, now)}
    </time>
  );
}
