import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { CollaborationPane } from "~/components/collaboration/CollaborationPane.tsx";
import { History } from "~/components/shared/History.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { Markdown } from "~/components/shared/Markdown.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Progress } from "~/components/shared/Progress.tsx";
import { Section } from "~/components/shared/Section.tsx";
import { Artifacts, Runs } from "~/components/task/Runs.tsx";
import { TaskActions } from "~/components/task/TaskActions.tsx";
import { TaskFacts } from "~/components/task/TaskFacts.tsx";
import { TaskResult } from "~/components/task/TaskResult.tsx";
import { WhyNotMoving } from "~/components/task/WhyNotMoving.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import { taskNumber, workflowNumber } from "~/lib/format.ts";
import { lastLines } from "~/lib/last-lines.server.ts";
import { page } from "~/lib/page.server.ts";
import { firstEnd } from "~/lib/reason-words.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  titleOf(data ? `${taskNumber(data.task.number)} ${data.task.name}` : "No such task", matches);

export const loader = page(["tasks", "agents", "suggestions", "comments"], async ({ context: { api }, params }) => {
  const task = await api.tasks.byId({ id: params.id ?? "" });
  const taskId = task.id;
  const [why, runs, suggestions, comments, history, agents] = await Promise.all([
    api.tasks.explain({ id: taskId }),
    api.runs.byTask({ taskId }),
    api.suggestions.list({ taskId, limit: 50 }),
    api.comments.list({ taskId, limit: 200 }),
    api.audit.list({ taskId, limit: 15 }),
    api.agents.list({ limit: 200 }),
  ]);
  return {
    task,
    why,
    refreshAt: firstEnd(why.reasons),
    runs,
    log: await lastLines(api, runs[0]),
    suggestions: suggestions.items,
    comments: comments.items,
    history: history.items,
    agents: agents.items.map(({ id, name }) => ({ id, name })),
  };
});

export default function TaskPage() {
  const { task, why, runs, log, suggestions, comments, history, agents, formKey } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  return (
    <>
      <PageHead
        title={task.name}
        note={<Mark look={taskLooks[task.status]} />}
        crumbs={[
          { to: paths.tasks(), word: "Board" },
          { to: paths.workflow(workflowNumber(task.workflow.number)), word: task.workflow.name },
        ]}
        here={taskNumber(task.number)}
        actions={canChange ? <TaskActions task={task} /> : null}
      />
      <WhyNotMoving why={why} />
      {task.status === "in_progress" ? (
        <div className="mt-3 max-w-xl">
          <Progress value={task.progress} label={`Progress of ${taskNumber(task.number)}`} />
        </div>
      ) : null}
      <div className="mt-5 grid gap-8 xl:grid-cols-[minmax(0,1fr)_18rem]">
        <div className="flex min-w-0 flex-col gap-8">
          {task.description ? (
            <Section title="What is to be done">
              <Markdown>{task.description}</Markdown>
            </Section>
          ) : null}
          <TaskResult task={task} />
          <CollaborationPane taskId={task.id} suggestions={suggestions} comments={comments} formKey={formKey} />
          <Section title="Runs">
            <Runs runs={runs} log={log} />
          </Section>
          <Section title="Artifacts">
            <Artifacts runs={runs} />
          </Section>
          <Section title="History">
            <History entries={history} allTo={paths.audit({ taskId: task.id })} />
          </Section>
        </div>
        <TaskFacts task={task} agents={agents} />
      </div>
    </>
  );
}
