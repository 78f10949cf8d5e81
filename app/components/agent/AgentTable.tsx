import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { Capabilities } from "~/components/shared/Badge.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { Agent } from "~/lib/api-types.ts";
import { count, percent } from "~/lib/format.ts";
import { usePatches } from "~/lib/live.ts";
import { patchRows } from "~/lib/live-store.ts";
import { agentLook } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

export function AgentTable({ agents }: { agents: Agent[] }) {
  const order = new Map(agents.map(({ id }, i) => [id, i]));
  const shown = patchRows(agents, usePatches("agent"), {
    belongs: ({ id }) => order.has(id),
    toRow: (data, known) => known && { ...known, ...(data as Agent) }, // an agent event carries its row
    compare: (a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0),
  });
  return (
    <Table
      label="Agents"
      head={
        <>
          <Th>Agent</Th>
          <Th>State</Th>
          <Th>Can</Th>
          <Th isNumber>Runs now</Th>
          <Th isNumber title="succeeded ÷ (succeeded + failed + timed out + lost), all runs">
            Success
          </Th>
          <Th isNumber title="What it said it was sure of, minus what people approved, on average, last 30 days">
            Overconfident by
          </Th>
          <Th>Last seen</Th>
          <Th>Last error</Th>
        </>
      }
    >
      {shown.map((agent) => (
        <tr key={agent.id}>
          <Td>
            <Link to={paths.agent(agent.id)} prefetch="intent" className="hover:underline">
              <Actor type="agent" name={agent.name} />
            </Link>
          </Td>
          <Td className="whitespace-nowrap">
            <Mark look={agentLook(agent)} />
          </Td>
          <Td className="min-w-32">
            {agent.capabilities.length > 0 ? (
              <Capabilities list={agent.capabilities} />
            ) : (
              <span className="text-muted">tasks that need nothing</span>
            )}
          </Td>
          <Td isNumber>
            {agent.liveRuns} of {agent.maxConcurrent}
          </Td>
          <Td isNumber>
            {agent.successRate === null ? <span className="text-muted">no data</span> : percent(agent.successRate)}{" "}
            {agent.totalTasks > 0 ? <span className="text-muted">of {count(agent.totalTasks)}</span> : null}
          </Td>
          <Td isNumber>
            <Overconfidence calibration={agent.calibration} />
          </Td>
          <Td>{agent.lastSeen ? <RelativeTime at={agent.lastSeen} /> : <span className="text-muted">never</span>}</Td>
          <Td className="max-w-48">
            {agent.lastError ? (
              <span className="line-clamp-2 break-words text-failed">{agent.lastError}</span>
            ) : (
              <span className="text-muted">none</span>
            )}
          </Td>
        </tr>
      ))}
    </Table>
  );
}

function Overconfidence({ calibration }: { calibration: Agent["calibration"] }) {
  if (!calibration) return <span className="text-muted">never asked</span>;
  const points = Math.round((calibration.stated - calibration.approved) * 100);
  return (
    <span className={points >= 10 ? "text-waiting" : ""} title={`${calibration.n} decisions`}>
      {points > 0 ? "+" : points < 0 ? "−" : ""}
      {Math.abs(points)} points
    </span>
  );
}
