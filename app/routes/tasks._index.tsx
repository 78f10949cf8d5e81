import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { BoardFilters } from "~/components/taskboard/BoardFilters.tsx";
import { CancelledTasks } from "~/components/taskboard/CancelledTasks.tsx";
import { TaskBoard } from "~/components/taskboard/TaskBoard.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import { count, plural } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { firstEnd } from "~/lib/reason-words.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";
import { boardStatuses } from "../../db/enums.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Board", matches);

export const loader = page(["tasks", "workflows", "agents", "suggestions"], async ({ context, request }) => {
  const { cursor, column, cancelled, ...query } = Object.fromEntries(new URL(request.url).searchParams);
  // The procedures' own schemas read the address, so what they are handed is not typed yet.
  const filters = query as object;
  const chosen = boardStatuses.find((status) => status === column);
  const [board, further, hidden] = await Promise.all([
    context.api.tasks.board(filters),
    cursor && chosen ? context.api.tasks.column({ ...filters, status: chosen, cursor }) : null,
    cancelled ? context.api.tasks.column({ ...filters, status: "cancelled" }) : null,
  ]);
  const columns = chosen && further ? { ...board.columns, [chosen]: further } : board.columns;
  const refreshAt = firstEnd(Object.values(columns).flatMap(({ items }) => items.map(({ reason }) => reason)));
  return { board: { ...board, columns }, refreshAt, hidden, isFurther: further !== null, chosen };
});

export default function BoardPage() {
  const { board, hidden, isFurther, chosen } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  const [search] = useSearchParams();
  const filters = Object.fromEntries(search);
  const isFiltered = ["workflowId", "agentId", "priority", "label", "due", "search"].some((name) => filters[name]);
  const shown = Object.values(board.columns);
  const total = shown.reduce((sum, column) => sum + column.count, 0);
  const workflow = board.workflows.find(({ id }) => id === filters.workflowId);
  return (
    <>
      <PageHead
        title="Board"
        note={
          <>
            {workflow ? (
              <Link to={paths.workflow(workflow.id)} className="hover:underline">
                {workflow.name}
              </Link>
            ) : null}
            {workflow ? " · " : ""}
            {shown.some((column) => column.isCapped) ? `${count(total)}+ tasks` : plural(total, "task")}
          </>
        }
        actions={
          canChange ? (
            <ButtonLink kind="main" to={paths.newTask({ workflowId: filters.workflowId })}>
              New task
            </ButtonLink>
          ) : null
        }
      />
      <BoardFilters board={board} filters={filters} />
      {isFurther ? (
        <p className="mt-2 text-sm text-muted">
          One column is shown from further down.{" "}
          <Link to={paths.tasks({ ...filters, cursor: null })} className="text-accent underline underline-offset-2">
            From the top
          </Link>
        </p>
      ) : null}
      {total === 0 && isFiltered ? (
        <div className="mt-4">
          <EmptyState title="No task matches" action={<ButtonLink to={paths.tasks()}>Clear the filter</ButtonLink>}>
            Nothing on the board fits all that is asked for above.
          </EmptyState>
        </div>
      ) : null}
      {total === 0 && !isFiltered ? <FirstUse hasWorkflow={board.workflows.length > 0} /> : null}
      <TaskBoard board={board} filters={filters} {...(chosen && { chosen })} />
      <CancelledTasks cancelled={board.cancelled} hidden={hidden} />
    </>
  );
}

function FirstUse({ hasWorkflow }: { hasWorkflow: boolean }) {
  return (
    <div className="mt-4">
      <EmptyState
        title="No tasks yet"
        action={
          <ButtonLink kind="main" to={hasWorkflow ? paths.newTask() : paths.newWorkflow()}>
            {hasWorkflow ? "New task" : "New workflow"}
          </ButtonLink>
        }
      >
        A task is one piece of a workflow that an agent claims. Make one here, or let a program create it over the API.
      </EmptyState>
    </div>
  );
}
