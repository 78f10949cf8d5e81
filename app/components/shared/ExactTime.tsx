import { useLocalTime } from "~/hooks/useLocalTime.ts";
import { dayAndTime, exactTime } from "~/lib/format.ts";

/** A moment to the second in the viewer's own time (UTC until the page lives), with UTC in the title. */
export function ExactTime({ at, as: say = dayAndTime }: { at: Date; as?: (at: Date) => string }) {
  const { inZone } = useLocalTime();
  return (
    <time dateTime={at.toISOString()} title={exactTime(at)}>
      {say(inZone(at))}
    </time>
  );
}

/** The heading over such times: whose they are. */
export function TimeZoneName() {
  const { isLocal } = useLocalTime();
  return <>{isLocal ? "Time, local" : "Time, UTC"}</>;
}
