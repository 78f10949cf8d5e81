import { Markdown } from "~/components/shared/Markdown.tsx";
import { Section } from "~/components/shared/Section.tsx";
import type { TaskDetail } from "~/lib/api-types.ts";

/** What went in and what came out, as the agent gets and gives it. */
export function TaskResult({ task }: { task: TaskDetail }) {
  const hasResult = task.summary !== null || task.result !== null;
  return (
    <>
      {hasResult ? (
        <Section title="Result">
          {task.summary ? <Markdown>{task.summary}</Markdown> : null}
          {task.result === null ? null : <Json label="Result" value={task.result} />}
        </Section>
      ) : null}
      {task.input === null ? null : (
        <Section title="Input">
          <Json label="Input" value={task.input} />
        </Section>
      )}
    </>
  );
}

const Json = ({ label, value }: { label: string; value: unknown }) => (
  <section
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    tabIndex={0}
    className="mt-2 max-h-72 overflow-auto rounded-lg bg-well p-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
  >
    {JSON.stringify(value, null, 2)}
  </section>
);
