import { Mark } from "~/components/shared/Mark.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Section } from "~/components/shared/Section.tsx";
import type { Health, Summary } from "~/lib/api-types.ts";
import { count, percent } from "~/lib/format.ts";
import type { Look } from "~/lib/statuses.ts";

const good: Look = { icon: "done", word: "ready", ink: "text-completed" };
const bad: Look = { icon: "failed", word: "not ready", ink: "text-failed" };

/** Whether the product itself is well, as this instance sees it. */
export function SystemHealth({ health, summary }: { health: Health; summary: Summary }) {
  const { queue, last24h, previous24h } = summary;
  const { database, bus, migrations, eventLag } = health;
  const rows = [
    ["Database", state(database.ok, database.latencyMs === null ? "" : `, ${Math.round(database.latencyMs)} ms`)],
    ["Live bus", state(bus.ok, bus.ok ? "" : ", updates up to 1 s late")],
    ["Migrations", state(migrations.ok, "")],
    ["Events not read yet", eventLag === null ? "no data" : count(eventLag)],
    ["Claimable now", count(queue.depth)],
    ["Oldest of them", queue.oldestAt ? <RelativeTime key="q" at={queue.oldestAt} className="" /> : "none waits"],
    ["Completed, 24 h", `${count(last24h.completed)} (before: ${count(previous24h.completed)})`],
    [
      "Failed, 24 h",
      last24h.failureRate === null ? "no data" : `${count(last24h.failed)}, ${percent(last24h.failureRate)}`,
    ],
  ] as const;
  return (
    <Section title="System health" note={health.status === "ok" ? "" : health.status}>
      <dl className="divide-y divide-line border-y border-line text-sm">
        {rows.map(([name, value]) => (
          <div key={name} className="flex items-center justify-between gap-3 py-1.5">
            <dt className="text-muted">{name}</dt>
            <dd className="text-right">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

const state = (isGood: boolean, more: string) => (
  <Mark look={isGood ? good : bad} word={`${isGood ? good.word : bad.word}${more}`} />
);
