import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { CommentThread } from "~/components/collaboration/CommentThread.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Banner } from "~/components/shared/Banner.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { History } from "~/components/shared/History.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { Markdown } from "~/components/shared/Markdown.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Section } from "~/components/shared/Section.tsx";
import { DependencyGraph } from "~/components/workflow/DependencyGraph.tsx";
import { WorkflowActions } from "~/components/workflow/WorkflowActions.tsx";
import { WorkflowProgress } from "~/components/workflow/WorkflowProgress.tsx";
import { WorkflowTasks } from "~/components/workflow/WorkflowTasks.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import type { WorkflowDetail } from "~/lib/api-types.ts";
import { plural, workflowNumber } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { workflowLooks } from "~/lib/statuses.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  titleOf(data ? `${workflowNumber(data.workflow.number)} ${data.workflow.name}` : "No such workflow", matches);

export const loader = page(["workflows", "tasks", "suggestions", "comments"], async ({ context: { api }, params }) => {
  const workflow = await api.workflows.byId({ id: params.id ?? "" });
  const workflowId = workflow.id;
  const [graph, comments, history] = await Promise.all([
    api.workflows.graph({ id: workflowId }),
    api.comments.list({ workflowId, limit: 200 }),
    api.audit.list({ workflowId, limit: 15 }),
  ]);
  return { workflow, nodes: graph.nodes, comments: comments.items, history: history.items };
});

export default function WorkflowPage() {
  const { workflow, nodes, comments, history, formKey } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  return (
    <>
      <PageHead
        title={workflow.name}
        note={<Mark look={workflowLooks[workflow.status]} />}
        crumbs={[{ to: paths.workflows(), word: "Workflows" }]}
        here={workflowNumber(workflow.number)}
        actions={canChange ? <WorkflowActions workflow={workflow} /> : null}
      />
      <News workflow={workflow} />
      <div className="mt-5 flex flex-col gap-8">
        {workflow.description ? <Markdown>{workflow.description}</Markdown> : null}
        <WorkflowProgress workflow={workflow} />
        <Particulars workflow={workflow} />
        {nodes.length === 0 ? (
          <EmptyState
            title="No tasks yet"
            action={
              canChange ? (
                <ButtonLink kind="main" to={paths.newTask({ workflowId: workflow.id })}>
                  Add task
                </ButtonLink>
              ) : null
            }
          >
            A workflow is done when its tasks are. Add the first one.
          </EmptyState>
        ) : (
          <>
            <Section title="What waits for what">
              <DependencyGraph nodes={nodes} />
            </Section>
            <Section
              title="Tasks"
              note={plural(nodes.length, "task")}
              aside={
                <Link
                  to={paths.tasks({ workflowId: workflow.id })}
                  className="text-accent underline underline-offset-2"
                >
                  On the board
                </Link>
              }
            >
              <WorkflowTasks nodes={nodes} />
            </Section>
          </>
        )}
        <div className="grid gap-8 xl:grid-cols-2">
          <Section title="Comments">
            <CommentThread comments={comments} target={{ workflowId: workflow.id }} formKey={formKey} />
          </Section>
          <Section title="History">
            <History entries={history} allTo={paths.audit({ workflowId: workflow.id })} isItsOwnPage={false} />
          </Section>
        </div>
      </div>
    </>
  );
}

/** What a person may have to do about it. */
function News({ workflow }: { workflow: WorkflowDetail }) {
  return (
    <div className="mt-2 grid max-w-fit gap-2 empty:hidden">
      {workflow.deletedAt ? <Banner>It is in the bin. Restore it to work on it.</Banner> : null}
      {workflow.pendingSuggestions > 0 ? (
        <Banner tone="waiting">
          {plural(workflow.pendingSuggestions, "decision waits", "decisions wait")} for a person
          <Link
            to={paths.suggestions({ workflowId: workflow.id })}
            className="font-medium underline underline-offset-2"
          >
            Decide
          </Link>
        </Banner>
      ) : null}
      {workflow.status === "paused" && workflow.pausedAt ? (
        <Banner tone="waiting">
          <span>
            Paused by {workflow.pausedByName ?? "somebody"} <RelativeTime at={workflow.pausedAt} className="" />.
            Running attempts end their task; nothing new is claimed.
          </span>
        </Banner>
      ) : null}
      {workflow.failedReason ? <Banner tone="failed">{workflow.failedReason}</Banner> : null}
    </div>
  );
}

function Particulars({ workflow }: { workflow: WorkflowDetail }) {
  const facts = [
    ["Owner", workflow.owner ? <Actor key="o" type="person" name={workflow.owner.name} /> : "nobody"],
    ["On a failure", workflow.failurePolicy === "fail_fast" ? "Fail the workflow at once" : "Go on with the rest"],
    ["Made by", <Actor key="m" type={workflow.createdByType} name={workflow.createdByName} />],
    ["Created", <RelativeTime key="c" at={workflow.createdAt} />],
    ["Completed", workflow.completedAt ? <RelativeTime key="d" at={workflow.completedAt} /> : "not yet"],
    ["Agents on it now", workflow.liveRuns],
  ] as const;
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-3 border-y border-line py-3 text-sm">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="text-xs text-muted">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
