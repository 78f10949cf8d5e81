import type { Refusal } from "~/context.d.ts";
import { fieldName, sentence } from "~/lib/format.ts";
import { Banner } from "./Banner.tsx";

/** Above a form that was refused: how much is to be mended, and what belongs to no field. */
export function FormProblems({ refusal }: { refusal: Refusal | undefined }) {
  if (!refusal) return null;
  const fields = Object.entries(refusal.fieldErrors ?? {});
  return (
    <Banner tone="failed" isNews>
      <p className="w-full">
        {refusal.formError ??
          `${fields.length === 1 ? "One thing" : `${fields.length} things`} to mend; nothing was saved.`}
      </p>
      <ul className="w-full list-disc pl-4 empty:hidden">
        {fields.map(([name, messages]) => (
          <li key={name}>
            {whereOf(name)}: {messages.join(" ")}
          </li>
        ))}
      </ul>
    </Banner>
  );
}

/** tasks[0].requiredCapabilities → Task 1, required capabilities. */
function whereOf(field: string): string {
  const [, row, name] = /^tasks\[(\d+)\]\.(.+)$/.exec(field) ?? [];
  return row && name ? `Task ${Number(row) + 1}, ${fieldName(name)}` : sentence(fieldName(field));
}
