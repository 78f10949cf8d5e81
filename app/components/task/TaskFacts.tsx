import { Link } from "@remix-run/react";
import { ActionForm } from "~/components/shared/ActionForm.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Badge, Capabilities } from "~/components/shared/Badge.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PriorityMark } from "~/components/shared/PriorityMark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Fact, Facts } from "~/components/shared/Section.tsx";
import { Select } from "~/components/shared/Select.tsx";
import { useNow } from "~/hooks/useNow.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import type { TaskDetail } from "~/lib/api-types.ts";
import { cycleTime } from "~/lib/cycle-time.ts";
import { dueDay, duration, isOverdue, taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";
import { boardStatuses } from "../../../db/enums.ts";

export function TaskFacts({ task, agents }: { task: TaskDetail; agents: { id: string; name: string }[] }) {
  const { canChange } = useViewer();
  const canMove = canChange && !task.deletedAt;
  return (
    <aside aria-label="Facts" className="flex flex-col gap-5">
      <Facts>
        <Fact name="Priority">
          <PriorityMark priority={task.priority} />
        </Fact>
        <Fact name="Held by">
          <Holder task={task} />
        </Fact>
        {task.status === "in_progress" ? (
          <Fact name="Progress">
            {task.progress} %{task.progressNote ? `, “${task.progressNote}”` : ""}
          </Fact>
        ) : null}
        <Due task={task} />
        {task.requiredCapabilities.length > 0 ? (
          <Fact name="Needs">
            <Capabilities list={task.requiredCapabilities} />
          </Fact>
        ) : null}
        {task.labels.length > 0 ? (
          <Fact name="Labels">
            <span className="flex flex-wrap gap-1">
              {task.labels.map((label) => (
                <Badge key={label}>{label}</Badge>
              ))}
            </span>
          </Fact>
        ) : null}
        <Times task={task} />
        <Links name="Waits for" tasks={task.dependencies} />
        <Links name="Releases" tasks={task.dependents} />
        <Fact name="Made by">
          <Actor type={task.createdByType} name={task.createdByName} /> <RelativeTime at={task.createdAt} />
        </Fact>
        <Fact name="Revision">{task.revision}</Fact>
      </Facts>
      {canMove && task.status !== "cancelled" ? <MoveTo task={task} /> : null}
      {canMove && task.status !== "completed" && task.status !== "cancelled" ? (
        <KeepFor task={task} agents={agents} />
      ) : null}
    </aside>
  );
}

function Holder({ task }: { task: TaskDetail }) {
  if (task.takenBy) return <Actor type="person" name={task.takenBy.name} />;
  if (!task.agent || task.status === "pending") return <span className="text-muted">Nobody</span>;
  return (
    <Link to={paths.agent(task.agent.id)} className="hover:underline">
      <Actor type="agent" name={task.agent.name} />
    </Link>
  );
}

function Due({ task }: { task: TaskDetail }) {
  const now = useNow();
  if (!task.dueDate) return null;
  return (
    <Fact name="Due">
      <span className={isOverdue(task.dueDate, task.status, now) ? "text-failed" : ""}>
        {dueDay(task.dueDate, now)}
        {isOverdue(task.dueDate, task.status, now) ? ", overdue" : ""}
      </span>
    </Fact>
  );
}

/** Run time is what agents worked, without waiting for people; cycle time is from made to ended. */
function Times({ task }: { task: TaskDetail }) {
  const now = useNow();
  return (
    <>
      <Fact name="Run time">
        {task.durationSeconds > 0 ? `${duration(task.durationSeconds)}, ended runs` : "no data"}
      </Fact>
      <Fact name="Cycle time">{cycleTime(task, now)}</Fact>
      <Fact name="Attempts">
        {task.attempt} of {task.maxAttempts}
      </Fact>
      {task.queueTtlSeconds ? <Fact name="Queue time-out">{duration(task.queueTtlSeconds)}</Fact> : null}
    </>
  );
}

function Links({ name, tasks }: { name: string; tasks: TaskDetail["dependencies"] }) {
  if (tasks.length === 0) return null;
  return (
    <Fact name={name}>
      <ul className="flex flex-col gap-1">
        {tasks.map((task) => (
          <li key={task.id}>
            <Link to={paths.task(taskNumber(task.number))} className="hover:underline">
              <Mark look={taskLooks[task.status]} word={`${taskNumber(task.number)} ${task.name}`} />
              <span className="sr-only">, {taskLooks[task.status].word}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Fact>
  );
}

const MoveTo = ({ task }: { task: TaskDetail }) => (
  <div className="border-t border-line pt-4">
    <ActionForm
      action={paths.taskAction(taskNumber(task.number), "move")}
      word={task.currentRun ? "Stop the run and move" : "Move"}
      pendingWord="Moving…"
      fields={{
        undo: `status=${task.status}`,
        ...(task.currentRun ? { force: "true" } : { revision: task.revision }),
      }}
    >
      <Select
        className="min-w-32 flex-1"
        label="Move to"
        name="status"
        key={task.status}
        defaultValue={task.status === "completed" ? "pending" : "completed"}
        options={boardStatuses
          .filter((status) => status !== task.status)
          .map((value) => ({ value, label: taskLooks[value].word }))}
      />
    </ActionForm>
    {task.currentRun ? (
      <p className="mt-1 text-xs text-muted">
        An agent is working on it. Moving ends its run; what it sends later is kept as an artifact.
      </p>
    ) : null}
  </div>
);

const KeepFor = ({ task, agents }: { task: TaskDetail; agents: { id: string; name: string }[] }) => (
  <ActionForm action={paths.taskAction(taskNumber(task.number), "assign")} word="Keep" pendingWord="Keeping…">
    <Select
      className="min-w-32 flex-1"
      label="Keep it for"
      name="agentId"
      key={task.assignedAgentId}
      defaultValue={task.assignedAgentId ?? ""}
      options={[
        { value: "", label: "Whoever can do it" },
        ...agents.map(({ id, name }) => ({ value: id, label: name })),
      ]}
    />
  </ActionForm>
);
