import { icons } from "~/components/shared/Icon.tsx";
import type { GraphNode } from "~/lib/api-types.ts";
import { taskNumber } from "~/lib/format.ts";
import { type Edge, layOut, nodeSize, type PlacedNode } from "~/lib/graph.ts";
import { taskLooks } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

const mostDrawn = 300;

/** What waits for what, as a picture whose boxes are links; the table below it says the same in words. */
export function DependencyGraph({ nodes }: { nodes: GraphNode[] }) {
  if (nodes.length > mostDrawn) {
    return (
      <p className="text-sm text-muted">{nodes.length} tasks are too many for a picture. The list below has them.</p>
    );
  }
  const graph = layOut(nodes);
  return (
    <>
      <section
        aria-label="Dependency graph, scrolls sideways"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-160 overflow-auto rounded-lg bg-well p-4"
      >
        {/* biome-ignore lint/a11y/useSemanticElements: a picture whose parts are links is a group, not a fieldset */}
        <svg
          width={graph.width}
          height={graph.height}
          viewBox={`0 0 ${graph.width} ${graph.height}`}
          role="group"
          aria-label={`${nodes.length} tasks, left to right`}
          className="mx-auto block max-w-none font-sans"
        >
          <defs>
            <ArrowHead id="cleared" className="fill-line-strong" />
            <ArrowHead id="holds" className="fill-waiting" />
          </defs>
          {graph.edges.map((edge) => (
            <EdgeLine key={`${edge.from.id} ${edge.to.id}`} edge={edge} />
          ))}
          {graph.nodes.map((node) => (
            <Box key={node.id} node={node} />
          ))}
        </svg>
      </section>
      <p className="mt-1 flex gap-4 text-xs text-muted">
        <span>solid: cleared</span>
        <span className="text-waiting">dashed: still holds the next task up</span>
      </p>
    </>
  );
}

const ArrowHead = ({ id, className }: { id: string; className: string }) => (
  <marker id={id} viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" orient="auto">
    <path d="M0 .5 5 3 0 5.5z" className={className} />
  </marker>
);

function EdgeLine({ edge: { from, to, isOpen } }: { edge: Edge }) {
  const x1 = from.x + nodeSize.width;
  const [y1, y2] = [from.y + nodeSize.height / 2, to.y + nodeSize.height / 2];
  const bend = (to.x - x1) / 2;
  return (
    <path
      d={`M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x - 2} ${y2}`}
      fill="none"
      strokeWidth="1.5"
      className={isOpen ? "stroke-waiting" : "stroke-line-strong"}
      strokeDasharray={isOpen ? "4 3" : undefined}
      markerEnd={isOpen ? "url(#holds)" : "url(#cleared)"}
    />
  );
}

function Box({ node }: { node: PlacedNode }) {
  const look = taskLooks[node.status];
  const { width, height } = nodeSize;
  const firstLine = node.y + height / 2 + (node.lines.length === 1 ? 4 : -3);
  return (
    // Named as it reads, cut names too, so that it can be spoken to; the title and the table have the whole name.
    <a href={paths.task(taskNumber(node.number))} aria-label={`${node.lines.join(" ")}: ${look.word}`}>
      <title>{`${taskNumber(node.number)} ${node.name}: ${look.word}`}</title>
      <rect
        x={node.x}
        y={node.y}
        width={width}
        height={height}
        rx="8"
        className={`fill-surface ${node.status === "failed" ? "stroke-failed" : "stroke-line-strong"}`}
      />
      <svg
        x={node.x + 10}
        y={node.y + height / 2 - 8}
        width="16"
        height="16"
        viewBox="0 0 16 16"
        aria-hidden="true"
        className={look.ink}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {icons[look.icon]}
      </svg>
      {node.lines.map((line, i) => (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one name have no other identity
          key={i}
          x={node.x + 34}
          y={firstLine + i * 14}
          fontSize="12"
          className={node.status === "cancelled" ? "fill-muted line-through" : "fill-text"}
        >
          {/* The space is for those who read the lines as one text. */}
          {`${line} `}
        </text>
      ))}
      {node.status === "in_progress" ? (
        <>
          <rect x={node.x + 34} y={node.y + height - 6} width="136" height="2.5" rx="1" className="fill-line" />
          <rect
            x={node.x + 34}
            y={node.y + height - 6}
            width={1.36 * node.progress}
            height="2.5"
            rx="1"
            className="fill-in-progress"
          />
        </>
      ) : null}
    </a>
  );
}
