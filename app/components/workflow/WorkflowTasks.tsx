import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PriorityMark } from "~/components/shared/PriorityMark.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { GraphNode } from "~/lib/api-types.ts";
import { plural, taskNumber } from "~/lib/format.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

/** The tasks of a workflow in words: what the picture shows. */
export function WorkflowTasks({ nodes }: { nodes: GraphNode[] }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return (
    <Table
      label="Tasks"
      head={
        <>
          <Th>Task</Th>
          <Th>Status</Th>
          <Th>Priority</Th>
          <Th>Agent</Th>
          <Th>Waits for</Th>
        </>
      }
    >
      {nodes.map((node) => (
        <tr key={node.id}>
          <Td className="min-w-48 wrap-anywhere">
            <Link to={paths.task(taskNumber(node.number))} prefetch="intent" className="hover:underline">
              <span className="mr-2 font-mono text-xs text-muted">{taskNumber(node.number)}</span>
              {node.name}
            </Link>
          </Td>
          <Td className="whitespace-nowrap">
            <Mark
              look={taskLooks[node.status]}
              word={`${taskLooks[node.status].word}${node.status === "in_progress" ? ` ${node.progress} %` : ""}`}
            />
          </Td>
          <Td>
            <PriorityMark priority={node.priority} />
          </Td>
          <Td>
            {node.agentName && node.status !== "pending" ? (
              <Actor type="agent" name={node.agentName} />
            ) : (
              <span className="text-muted">Nobody yet</span>
            )}
          </Td>
          <Td className="min-w-40">
            <Waits node={node} byId={byId} />
          </Td>
        </tr>
      ))}
    </Table>
  );
}

function Waits({ node, byId }: { node: GraphNode; byId: Map<string, GraphNode> }) {
  if (node.pendingSuggestions > 0) {
    return (
      <Link to={paths.suggestions({ taskId: node.id })} className="text-waiting underline underline-offset-2">
        {plural(node.pendingSuggestions, "decision")}
      </Link>
    );
  }
  const open = node.dependsOn.map((id) => byId.get(id)).filter((one) => one && one.status !== "completed");
  if (open.length === 0) return <span className="text-muted">nothing</span>;
  return <span className="text-waiting">{open.map((one) => (one ? taskNumber(one.number) : "")).join(", ")}</span>;
}
