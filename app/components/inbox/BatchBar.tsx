import { ActionForm } from "~/components/shared/ActionForm.tsx";
import type { Suggestion } from "~/lib/api-types.ts";
import { paths } from "~/paths.ts";

/** Several suggestions of one agent for the same action, decided together. */
export function BatchBar({ items }: { items: Suggestion[] }) {
  const groups = Map.groupBy(items, ({ agentId, action }) => `${agentId} ${action}`);
  const alike = [...groups.values()].filter((group) => group.length > 1);
  if (alike.length === 0) return null;
  return (
    <ul className="mt-3 flex flex-col gap-2 text-sm">
      {alike.map((group) => {
        const [first] = group;
        if (!first) return null;
        return (
          <li key={first.id} className="flex flex-wrap items-center gap-2 rounded-lg border border-line px-3 py-2">
            <span className="min-w-0 flex-1 text-muted">
              {group.length} from {first.agentName}: {first.action}
            </span>
            <details>
              <summary className="inline-flex min-h-6 items-center text-accent underline underline-offset-2 touch:min-h-11">
                Approve all {group.length}…
              </summary>
              <ActionForm
                action={paths.approveMany()}
                word={`Approve these ${group.length}`}
                pendingWord="Approving…"
                kind="main"
                fields={{ ids: group.map(({ id, taskRevisionNow }) => `${id}:${taskRevisionNow}`).join(",") }}
              />
            </details>
          </li>
        );
      })}
    </ul>
  );
}
