import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { InlineSelect } from "~/components/shared/Field.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { SegmentedProgress } from "~/components/shared/Progress.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import type { WorkflowItem } from "~/lib/api-types.ts";
import { plural, workflowNumber } from "~/lib/format.ts";
import { usePatches } from "~/lib/live.ts";
import { patchRows } from "~/lib/live-store.ts";
import { page } from "~/lib/page.server.ts";
import { workflowLooks } from "~/lib/statuses.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";
import { workflowStatuses } from "../../db/enums.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Workflows", matches);

export const loader = page(["workflows", "suggestions"], async ({ context, request }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  // The procedure's own schema reads the address, so what it is handed is not typed yet.
  return await context.api.workflows.list(query as object);
});

const sorts = { newest: "Newest", updated: "Last changed", name: "Name", progress: "Progress" };

export default function Workflows() {
  const { items, nextCursor } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  const [search] = useSearchParams();
  const query = Object.fromEntries(search);
  const shown = useLiveItems(items);
  const isFiltered = Boolean(query.status || query.search);
  return (
    <>
      <PageHead
        title={query.deleted ? "Workflows in the bin" : "Workflows"}
        actions={
          canChange ? (
            <ButtonLink kind="main" to={paths.newWorkflow()}>
              New workflow
            </ButtonLink>
          ) : null
        }
      />
      <Form method="get" role="search" aria-label="Filter workflows" className="mt-3 flex flex-wrap items-center gap-2">
        <label htmlFor="find-workflow" className="sr-only">
          Find a workflow
        </label>
        <input
          id="find-workflow"
          type="search"
          name="search"
          defaultValue={query.search}
          placeholder="Find a workflow"
          className="h-8 w-44 rounded-md border border-edge bg-surface px-2.5 text-sm max-md:flex-1 touch:h-11 touch:text-lg"
        />
        <InlineSelect label="Status" name="status" defaultValue={query.status ?? ""} key={`s${query.status}`}>
          <option value="">Any</option>
          {workflowStatuses.map((status) => (
            <option key={status} value={status}>
              {workflowLooks[status].word}
            </option>
          ))}
        </InlineSelect>
        <InlineSelect label="Sort" name="sort" defaultValue={query.sort ?? "newest"} key={`o${query.sort}`}>
          {Object.entries(sorts).map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
        </InlineSelect>
        <Button>Filter</Button>
        <Link
          to={paths.workflows(query.deleted ? {} : { deleted: "true" })}
          className="inline-flex min-h-8 items-center px-1 text-sm text-muted hover:text-text"
        >
          {query.deleted ? "Leave the bin" : "Bin"}
        </Link>
      </Form>
      <div className="mt-4">
        {shown.length === 0 ? <Empty isFiltered={isFiltered} isBin={Boolean(query.deleted)} /> : <List items={shown} />}
      </div>
      {items.length > 0 ? <Pagination nextCursor={nextCursor} shown={shown.length} /> : null}
    </>
  );
}

/** Rows change in place; new ones come with the next load, so that nothing jumps under the reader. */
function useLiveItems(items: WorkflowItem[]): WorkflowItem[] {
  const order = new Map(items.map(({ id }, i) => [id, i]));
  return patchRows(items, usePatches("workflow"), {
    belongs: ({ id }) => order.has(id),
    toRow: (data, known) => known && { ...known, ...(data as WorkflowItem) }, // a workflow event carries its row
    compare: (a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0),
  });
}

function List({ items }: { items: WorkflowItem[] }) {
  return (
    <ul className="divide-y divide-line rounded-lg border border-line bg-surface">
      {items.map((workflow) => (
        <li
          key={workflow.id}
          className="grid gap-x-4 gap-y-1.5 px-4 py-3 md:grid-cols-[minmax(0,1fr)_minmax(0,16rem)_6rem]"
        >
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-3">
              <Link
                to={paths.workflow(workflowNumber(workflow.number))}
                prefetch="intent"
                className="min-w-0 font-medium break-words hover:underline"
              >
                <span className="mr-2 font-mono text-xs font-normal text-muted">{workflowNumber(workflow.number)}</span>
                {workflow.name}
              </Link>
              <span className="text-xs">
                <Mark look={workflowLooks[workflow.status]} />
              </span>
            </p>
            <p className="truncate text-sm text-muted">
              {workflow.ownerName ? `${workflow.ownerName}, ` : ""}
              <RelativeTime at={workflow.createdAt} />
              {workflow.description ? `. ${workflow.description}` : ""}
            </p>
          </div>
          <div className="self-center">
            <SegmentedProgress counts={workflow.taskCounts} />
            <p className="mt-1 text-xs text-muted">{countsIn(workflow)}</p>
          </div>
          <p className="self-center text-sm md:text-right">
            {workflow.progress === null ? "no tasks" : `${workflow.progress} %`}
          </p>
        </li>
      ))}
    </ul>
  );
}

function countsIn({ taskCounts }: WorkflowItem): string {
  const open = [
    taskCounts.pending > 0 && `${taskCounts.pending} pending`,
    taskCounts.in_progress > 0 && `${taskCounts.in_progress} in progress`,
    taskCounts.failed > 0 && `${taskCounts.failed} failed`,
  ].filter(Boolean);
  return open.length > 0 ? open.join(", ") : `${plural(taskCounts.completed, "task")} completed`;
}

function Empty({ isFiltered, isBin }: { isFiltered: boolean; isBin: boolean }) {
  if (isBin) return <p className="text-muted">The bin is empty.</p>;
  if (isFiltered) {
    return (
      <EmptyState title="No workflow matches" action={<ButtonLink to={paths.workflows()}>Clear the filter</ButtonLink>}>
        Nothing fits all that is asked for above.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      title="No workflows yet"
      action={
        <ButtonLink kind="main" to={paths.newWorkflow()}>
          New workflow
        </ButtonLink>
      }
    >
      A workflow is a piece of work broken into tasks that agents claim. Make one here, or let a program create it over
      the API.
    </EmptyState>
  );
}
