import { Icon } from "~/components/shared/Icon.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PriorityMark } from "~/components/shared/PriorityMark.tsx";
import type { Suggestion } from "~/lib/api-types.ts";
import { plural, taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";

type Previewed = Pick<
  Suggestion,
  "effect" | "effectEdited" | "taskNumber" | "taskStatus" | "taskPriority" | "effectAgentName" | "dependents"
>;

/** What approving does, before it is done. */
export function EffectPreview({ suggestion }: { suggestion: Previewed }) {
  const number = taskNumber(suggestion.taskNumber);
  return (
    <ul className="flex flex-col gap-1.5 text-sm">
      <li className="flex flex-wrap items-center gap-1.5">{effectWords(suggestion, number)}</li>
      {completes(suggestion) && suggestion.dependents > 0 ? (
        <li className="flex items-center gap-1.5 text-muted">
          <Icon name="ring" />
          {plural(suggestion.dependents, "task waits", "tasks wait")} for {number} and may start
        </li>
      ) : null}
      <li className="flex items-center gap-1.5 text-muted">
        <Icon name="arrow" />
        The agent gets your note and goes on
      </li>
    </ul>
  );
}

const completes = ({ effect, effectEdited }: Previewed) => {
  const now = effectEdited ?? effect;
  return now?.kind === "set_status" && now.status === "completed";
};

function effectWords(suggestion: Previewed, number: string) {
  const effect = suggestion.effectEdited ?? suggestion.effect;
  switch (effect?.kind) {
    case undefined:
      return <span className="text-muted">Nothing changes here by itself: the agent is told and acts.</span>;
    case "set_status":
      return (
        <>
          {number}: <Mark look={taskLooks[suggestion.taskStatus]} className="line-through" />
          <Icon name="arrow" /> <Mark look={taskLooks[effect.status]} />
        </>
      );
    case "set_priority":
      return (
        <>
          {number}: <PriorityMark priority={suggestion.taskPriority} /> <Icon name="arrow" />{" "}
          <PriorityMark priority={effect.priority} />
        </>
      );
    case "assign":
      return (
        <>
          {number}{" "}
          {effect.agentId ? `is kept for ${suggestion.effectAgentName ?? "another agent"}` : "is open to every agent"}
        </>
      );
    case "add_task":
      return (
        <>
          <Icon name="plus" /> A new task: <span className="font-medium break-words">{effect.name}</span>
        </>
      );
    case "retry":
      return <>{number} is put back to Pending with all its attempts</>;
  }
}
