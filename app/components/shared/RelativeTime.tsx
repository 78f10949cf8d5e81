import { useNow } from "~/hooks/useNow.ts";
import { exactTime, relativeTime } from "~/lib/format.ts";

/** "4 min ago", with the exact moment in the title. */
export function RelativeTime({ at, className = "text-muted" }: { at: Date; className?: string }) {
  const now = useNow();
  return (
    <time
      dateTime={at.toISOString()}
      title={exactTime(at)}
      className={`whitespace-nowrap ${className}`}
      suppressHydrationWarning
    >
      {relativeTime(at, now)}
    </time>
  );
}
