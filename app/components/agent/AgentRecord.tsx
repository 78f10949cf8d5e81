import { Section } from "~/components/shared/Section.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { AgentMetrics } from "~/lib/api-types.ts";
import { count, duration, percent, plural } from "~/lib/format.ts";

/** What it did in seven days, and whether it keeps its word. */
export function AgentRecord({ metrics }: { metrics: AgentMetrics }) {
  const { successRate, n, outcomes, medianRunSeconds, calibration } = metrics;
  const asked = calibration.reduce((sum, tenth) => sum + tenth.n, 0);
  const approved = calibration.reduce((sum, tenth) => sum + tenth.approved, 0);
  const figures = [
    {
      name: "Success, 7 days",
      value: successRate === null ? "no data" : percent(successRate),
      note:
        successRate === null ? "no run has ended" : `${count(outcomes.succeeded)} of ${plural(n, "run")} that ended`,
    },
    {
      name: "Run time",
      value: medianRunSeconds === null ? "no data" : duration(medianRunSeconds),
      note: "median of what succeeded, without waiting for people",
    },
    {
      name: "Asked people",
      value: asked === 0 ? "never" : plural(asked, "time"),
      note: asked === 0 ? "with a confidence" : `${approved} approved`,
    },
    { name: "Lost or timed out", value: count(outcomes.lost + outcomes.timed_out), note: `of ${plural(n, "run")}` },
  ];
  return (
    <>
      <Section title="Record">
        <dl className="grid gap-px overflow-hidden border-y border-line sm:grid-cols-2 xl:grid-cols-4">
          {figures.map(({ name, value, note }) => (
            <div key={name} className="py-3 pr-4">
              <dt className="text-xs text-muted">{name}</dt>
              <dd className="text-lg font-semibold">{value}</dd>
              <dd className="text-xs text-muted">{note}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Does it keep its word?" note={asked === 0 ? "" : `${plural(asked, "decision")} by people`}>
        {asked === 0 ? (
          <p className="text-sm text-muted">
            No data: nobody has decided on a suggestion of it that stated a confidence.
          </p>
        ) : (
          <Table
            label="Stated confidence against approval"
            head={
              <>
                <Th>It said</Th>
                <Th>People approved</Th>
                <Th isNumber>Share</Th>
                <Th isNumber>n</Th>
              </>
            }
          >
            {calibration.map((tenth) => (
              <tr key={tenth.from}>
                <Td className="whitespace-nowrap">
                  {percent(tenth.from)} to {percent(tenth.to)}
                </Td>
                <Td className="w-1/2">
                  <svg aria-hidden="true" className="mt-1 h-2 w-full overflow-hidden rounded-xs bg-well">
                    <rect width={`${(tenth.approved / tenth.n) * 100}%`} height="100%" className="fill-agent" />
                    <rect x={`${(tenth.from + tenth.to) * 50}%`} width="2" height="100%" className="fill-text" />
                  </svg>
                </Td>
                <Td isNumber>{percent(tenth.approved / tenth.n)}</Td>
                <Td isNumber>{tenth.n}</Td>
              </tr>
            ))}
          </Table>
        )}
        {asked > 0 ? (
          <p className="mt-1 text-xs text-muted">The line in each bar is where it would be if its word were good.</p>
        ) : null}
      </Section>
    </>
  );
}
