import { useFetcher, useLocation } from "@remix-run/react";
import { useId } from "react";
import { Button } from "~/components/shared/Button.tsx";
import { inputLook } from "~/components/shared/Field.tsx";
import type { Refusal } from "~/context.d.ts";
import type { TaskCardRow } from "~/lib/api-types.ts";
import { taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { boardStatuses } from "../../../db/enums.ts";

/** Where in its column a card can go by form: each value holds the fields of the move. */
export interface Places {
  first?: string | undefined;
  up?: string | undefined;
  down?: string | undefined;
  last?: string | undefined;
}

/** The same move as a drag, by form: it works without JavaScript and by keyboard. */
export function MoveTaskForm({ card, places = {} }: { card: TaskCardRow; places?: Places }) {
  const fetcher = useFetcher<Refusal | { ok: true }>();
  const { pathname, search } = useLocation();
  const id = useId();
  const refusal = fetcher.data && !fetcher.data.ok ? fetcher.data : null;
  return (
    <fetcher.Form
      method="post"
      action={paths.taskAction(card.id, "move")}
      preventScrollReset
      className="mt-2 grid gap-2 border-t border-line pt-2 text-sm text-text"
    >
      <input type="hidden" name="back" value={pathname + search} />
      {/* An agent's progress changes the revision all the time; there the server asks about the run instead. */}
      {card.currentRunId ? null : <input type="hidden" name="revision" value={card.revision} />}
      <input type="hidden" name="undo" value={`status=${card.status}${places.up ? `&${places.up}` : ""}`} />
      {refusal ? <Refused refusal={refusal} /> : null}
      <div className="flex gap-2">
        <div className="min-w-0 flex-1">
          <label htmlFor={`${id}-to`} className="text-xs text-muted">
            Move to
          </label>
          <select id={`${id}-to`} name="status" defaultValue={card.status} className={`${inputLook} h-8 touch:h-11`}>
            {boardStatuses.map((status) => (
              <option key={status} value={status}>
                {taskLooks[status].word}
              </option>
            ))}
          </select>
        </div>
        <div className="min-w-0 flex-1">
          <label htmlFor={`${id}-at`} className="text-xs text-muted">
            Place in its column
          </label>
          <select id={`${id}-at`} name="place" className={`${inputLook} h-8 touch:h-11`}>
            <option value="">Where new ones go</option>
            {places.first ? <option value={places.first}>First</option> : null}
            {places.up ? <option value={places.up}>One up</option> : null}
            {places.down ? <option value={places.down}>One down</option> : null}
            {places.last ? <option value={places.last}>Last of those shown</option> : null}
          </select>
        </div>
      </div>
      <div>
        <Button kind="main" isPending={fetcher.state !== "idle"} pendingWord="Moving…">
          Move<span className="sr-only"> {taskNumber(card.number)}</span>
        </Button>
      </div>
    </fetcher.Form>
  );
}

/** Why it was not moved, and the same move again for those who mean it. */
const Refused = ({ refusal }: { refusal: Refusal }) => (
  <div role="alert" className="rounded-md bg-failed-soft p-2 text-xs text-failed">
    <p>{refusal.formError}</p>
    {refusal.status === 409 ? (
      <label className="mt-1 flex min-h-6 items-center gap-2">
        <input type="checkbox" name="force" value="true" className="size-4" /> Move it anyway
      </label>
    ) : null}
  </div>
);
