import { Link } from "@remix-run/react";
import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import { runSeconds } from "~/components/task/Runs.tsx";
import { useNow } from "~/hooks/useNow.ts";
import type { AgentRun } from "~/lib/api-types.ts";
import { duration, taskNumber } from "~/lib/format.ts";
import { outcomeLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

export function AgentRuns({ runs }: { runs: AgentRun[] }) {
  const now = useNow();
  if (runs.length === 0) return <p className="text-sm text-muted">It has not claimed a task yet.</p>;
  return (
    <Table
      label="Runs"
      head={
        <>
          <Th>Task</Th>
          <Th>Outcome</Th>
          <Th isNumber>Attempt</Th>
          <Th isNumber>Run time</Th>
          <Th>Ended</Th>
        </>
      }
    >
      {runs.map((run) => (
        <tr key={run.id}>
          <Td className="min-w-40">
            <Link to={paths.task(taskNumber(run.taskNumber))} prefetch="intent" className="hover:underline">
              <span className="mr-2 font-mono text-xs text-muted">{taskNumber(run.taskNumber)}</span>
              {run.taskName}
            </Link>
          </Td>
          <Td>
            <Mark look={outcomeLooks[run.outcome ?? "live"]} />
            {run.error ? <p className="max-w-[40ch] text-xs break-words text-muted">{run.error}</p> : null}
          </Td>
          <Td isNumber>{run.attempt}</Td>
          <Td isNumber>{duration(runSeconds(run, now))}</Td>
          <Td>{run.endedAt ? <RelativeTime at={run.endedAt} /> : "now"}</Td>
        </tr>
      ))}
    </Table>
  );
}
