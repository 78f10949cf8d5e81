import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { LogBlock, type LogLine } from "~/components/shared/LogBlock.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import { useNow } from "~/hooks/useNow.ts";
import type { Run } from "~/lib/api-types.ts";
import { count, duration, fileSize, plural } from "~/lib/format.ts";
import { usePatches } from "~/lib/live.ts";
import { outcomeLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

/** Every attempt at a task, and the log of the newest. */
export function Runs({ runs, log }: { runs: Run[]; log: LogLine[] }) {
  const now = useNow();
  const [newest] = runs;
  if (!newest) return <p className="text-sm text-muted">No agent has tried it yet.</p>;
  return (
    <>
      <Table
        label="Runs"
        head={
          <>
            <Th>Attempt</Th>
            <Th>Agent</Th>
            <Th>Outcome</Th>
            <Th isNumber title="Time under the lease, without waiting for people">
              Run time
            </Th>
            <Th>Started</Th>
            <Th isNumber>Log</Th>
          </>
        }
      >
        {runs.map((run) => (
          <tr key={run.id}>
            <Td>{run.attempt}</Td>
            <Td>
              <Link to={paths.agent(run.agentId)} className="hover:underline">
                <Actor type="agent" name={run.agentName} />
              </Link>
            </Td>
            <Td>
              <Outcome run={run} />
            </Td>
            <Td isNumber>{duration(runSeconds(run, now))}</Td>
            <Td>
              <RelativeTime at={run.claimedAt} />
            </Td>
            <Td isNumber>
              <Link to={paths.runLogs(run.id)} className="text-accent hover:underline">
                {plural(run.logCount, "line")}
              </Link>
            </Td>
          </tr>
        ))}
      </Table>
      <NewestLog run={newest} log={log} />
    </>
  );
}

export const runSeconds = (run: Pick<Run, "claimedAt" | "endedAt" | "waitedSeconds">, now: number) =>
  ((run.endedAt?.getTime() ?? now) - run.claimedAt.getTime()) / 1000 - run.waitedSeconds;

function Outcome({ run }: { run: Run }) {
  const look = outcomeLooks[run.outcome ?? "live"];
  return (
    <div className="min-w-0">
      <Mark look={look} />
      {run.outcome === null ? (
        <span className="text-xs text-muted">
          {" "}
          lease ends <RelativeTime at={run.leaseExpiresAt} />
        </span>
      ) : null}
      {run.stopDeliveredAt ? (
        <p className="text-xs text-muted">
          its agent was told <RelativeTime at={run.stopDeliveredAt} />
        </p>
      ) : null}
      {run.error ? <p className="max-w-[48ch] text-xs break-words text-failed">{run.error}</p> : null}
      {run.summary ? <p className="max-w-[48ch] text-xs break-words text-muted">{run.summary}</p> : null}
    </div>
  );
}

function NewestLog({ run, log }: { run: Run; log: LogLine[] }) {
  const lines = useLiveLines(run.id, log);
  return (
    <details open className="mt-3">
      <summary className="inline-flex min-h-6 items-center text-sm font-medium text-muted hover:text-text touch:min-h-11">
        Log of attempt {run.attempt}
        {lines.length < run.logCount ? `, the newest ${count(lines.length)} of ${count(run.logCount)} lines` : ""}
      </summary>
      <LogBlock label={`Log of attempt ${run.attempt}`} lines={lines} />
    </details>
  );
}

/** The loader's lines and those that came since; what a coalesced event left out comes with the next load. */
function useLiveLines(runId: string, log: LogLine[]): LogLine[] {
  const said = usePatches("run").find(({ id, event }) => id === runId && event.type === "run_log");
  const fresh = (said?.row as { lines?: LogLine[] } | undefined)?.lines ?? [];
  const last = log.at(-1)?.seq ?? 0;
  return [...log, ...fresh.filter(({ seq }) => seq > last)];
}

export function Artifacts({ runs }: { runs: Run[] }) {
  const artifacts = runs.flatMap((run) => run.artifacts.map((artifact) => ({ ...artifact, attempt: run.attempt })));
  if (artifacts.length === 0) return <p className="text-sm text-muted">No run has handed anything in.</p>;
  return (
    <ul className="divide-y divide-line border-y border-line text-sm">
      {artifacts.map((artifact) => (
        <li key={artifact.id} className="flex flex-wrap items-baseline gap-x-3 py-2">
          {artifact.url ? (
            <a href={artifact.url} rel="nofollow noopener noreferrer" className="break-all text-accent hover:underline">
              {artifact.name}
            </a>
          ) : (
            <Link to={paths.artifact(artifact.id)} reloadDocument className="break-all text-accent hover:underline">
              {artifact.name}
            </Link>
          )}
          <span className="text-muted">
            {artifact.mime}
            {artifact.url ? "" : `, ${fileSize(artifact.size)}`}, attempt {artifact.attempt}
            {artifact.late ? ", came late and is not the result" : ""}
          </span>
          <span className="ml-auto">
            <RelativeTime at={artifact.createdAt} />
          </span>
        </li>
      ))}
    </ul>
  );
}
