import { Link } from "@remix-run/react";
import { Mark } from "~/components/shared/Mark.tsx";
import { SegmentedProgress } from "~/components/shared/Progress.tsx";
import { Section } from "~/components/shared/Section.tsx";
import type { Summary, WorkflowItem } from "~/lib/api-types.ts";
import { workflowNumber } from "~/lib/format.ts";
import { usePatches } from "~/lib/live.ts";
import { patchRows } from "~/lib/live-store.ts";
import { workflowLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

/** How far the workflows are, last changed first. */
export function WorkflowStatus({ workflows, counts }: { workflows: WorkflowItem[]; counts: Summary["workflows"] }) {
  const order = new Map(workflows.map(({ id }, i) => [id, i]));
  const shown = patchRows(workflows, usePatches("workflow"), {
    belongs: ({ id }) => order.has(id),
    toRow: (data, known) => known && { ...known, ...(data as WorkflowItem) }, // a workflow event carries its row
    compare: (a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0),
  });
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <Section
      title="Workflows"
      note={
        <Link to={paths.workflows()} className="hover:text-text">
          {counts.running} running of {all}
        </Link>
      }
    >
      {shown.length === 0 ? <p className="border-y border-line py-3 text-sm text-muted">No workflow yet.</p> : null}
      <ul className="divide-y divide-line border-y border-line empty:hidden">
        {shown.map((workflow) => (
          <li key={workflow.id} className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1.5 py-3">
            <span className="flex min-w-0 flex-wrap items-center gap-x-3">
              <Link
                to={paths.workflow(workflowNumber(workflow.number))}
                prefetch="intent"
                className="min-w-0 truncate font-medium hover:underline"
              >
                {workflow.name}
              </Link>
              <span className="text-xs">
                <Mark look={workflowLooks[workflow.status]} />
              </span>
            </span>
            <span className="text-right text-sm">
              {workflow.progress === null ? "no tasks" : `${workflow.progress} %`}
            </span>
            <SegmentedProgress counts={workflow.taskCounts} />
            <span className="text-right text-xs whitespace-nowrap text-muted">{restOf(workflow)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function restOf({ progress, taskCounts: { pending, failed, completed } }: WorkflowItem): string {
  if (progress === null) return "";
  const parts = [pending > 0 && `${pending} pending`, failed > 0 && `${failed} failed`].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : `${completed} done`;
}
