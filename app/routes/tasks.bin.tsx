import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ActionForm } from "~/components/shared/ActionForm.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import type { TaskListItem } from "~/lib/api-types.ts";
import { taskNumber } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Tasks in the bin", matches);

export const loader = page(["tasks", "suggestions"], ({ context, request }) => {
  const cursor = new URL(request.url).searchParams.get("cursor");
  return context.api.tasks.list({ deleted: true, sort: "updated", ...(cursor && { cursor }) });
});

export default function TaskBin() {
  const { items, nextCursor } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  return (
    <div className="max-w-4xl">
      <PageHead title="Tasks in the bin" crumbs={[{ to: paths.tasks(), word: "Board" }]} />
      {items.length === 0 ? (
        <p className="mt-4 text-muted">The bin is empty. A task that is removed waits here until it is restored.</p>
      ) : (
        <>
          <ul className="mt-4 divide-y divide-line rounded-lg border border-line bg-surface">
            {items.map((task) => (
              <BinnedTask key={task.id} task={task} canRestore={canChange} />
            ))}
          </ul>
          <Pagination nextCursor={nextCursor} shown={items.length} />
        </>
      )}
    </div>
  );
}

function BinnedTask({ task, canRestore }: { task: TaskListItem; canRestore: boolean }) {
  const number = taskNumber(task.number);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <Link to={paths.task(number)} className="font-medium break-words hover:underline">
          <span className="mr-2 font-mono text-xs font-normal text-muted">{number}</span>
          {task.name}
        </Link>
        <p className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
          <Mark look={taskLooks[task.status]} />
          <span className="min-w-0 break-words">{task.workflowName}</span>
          {task.deletedAt ? (
            <span>
              removed <RelativeTime at={task.deletedAt} />
            </span>
          ) : null}
        </p>
      </div>
      {canRestore ? (
        <ActionForm
          action={paths.taskAction(task.id, "restore")}
          word={
            <>
              Restore<span className="sr-only"> {number}</span>
            </>
          }
          pendingWord="Restoring…"
        />
      ) : null}
    </li>
  );
}
