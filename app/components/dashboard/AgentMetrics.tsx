import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Section } from "~/components/shared/Section.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { Agent, Summary } from "~/lib/api-types.ts";
import { count, percent, taskNumber } from "~/lib/format.ts";
import { agentLook } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

/** Who works, how well, and on what. */
export function AgentMetrics({ agents, counts }: { agents: Agent[]; counts: Summary["agents"]["byStatus"] }) {
  return (
    <Section
      title="Agents"
      note={
        <Link to={paths.agents()} className="hover:text-text">
          {counts.online + counts.busy} online, {counts.offline} offline
        </Link>
      }
    >
      {agents.length === 0 ? (
        <p className="text-sm text-muted">
          No agent has connected.{" "}
          <Link to={paths.newAgent()} className="text-accent underline underline-offset-2">
            Connect one
          </Link>
        </p>
      ) : (
        <Table
          label="Agents"
          head={
            <>
              <Th>Agent</Th>
              <Th>State</Th>
              <Th isNumber title="succeeded ÷ (succeeded + failed + timed out + lost), all runs">
                Success
              </Th>
              <Th isNumber>Runs</Th>
              <Th>Now</Th>
            </>
          }
        >
          {agents.map((agent) => (
            <tr key={agent.id}>
              <Td>
                <Link to={paths.agent(agent.id)} prefetch="intent" className="hover:underline">
                  <Actor type="agent" name={agent.name} />
                </Link>
              </Td>
              <Td>
                <Mark look={agentLook(agent)} />
              </Td>
              <Td isNumber>{agent.successRate === null ? "no data" : percent(agent.successRate)}</Td>
              <Td isNumber className="text-muted">
                {count(agent.totalTasks)}
              </Td>
              <Td className="max-w-56 truncate text-muted">
                <NowAt agent={agent} />
              </Td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  );
}

function NowAt({ agent }: { agent: Agent }) {
  const [task] = agent.liveTasks;
  if (task) {
    return (
      <Link to={paths.task(taskNumber(task.number))} className="hover:underline">
        {taskNumber(task.number)} {task.name}
        {agent.liveRuns > 1 ? ` and ${agent.liveRuns - 1} more` : ""}
      </Link>
    );
  }
  if (!agent.lastSeen) return "never seen";
  return (
    <>
      {agent.status === "offline" ? "last seen " : "idle, seen "}
      <RelativeTime at={agent.lastSeen} />
    </>
  );
}
