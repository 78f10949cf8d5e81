import { Field, TextArea } from "~/components/shared/Field.tsx";
import { Select } from "~/components/shared/Select.tsx";
import type { Refusal } from "~/context.d.ts";
import { sentence } from "~/lib/format.ts";
import { priorities } from "../../../db/enums.ts";

type Values = Record<string, string | undefined>;

/** What is said about a task, for a new one and an old one; what was refused keeps what was typed. */
export function TaskFields({ values, refusal }: { values: Values; refusal: Refusal | undefined }) {
  const typed: Values = refusal?.values ?? values;
  const errors = refusal?.fieldErrors ?? {};
  return (
    <>
      <Field label="Name" name="name" required maxLength={255} defaultValue={typed.name} errors={errors.name} />
      <TextArea
        label="Description"
        isOptional
        hint="What is to be done, for the agent and for people. Markdown works."
        name="description"
        rows={5}
        defaultValue={typed.description}
        errors={errors.description}
      />
      <TextArea
        label="Input"
        isOptional
        hint="For the agent, as JSON: what to work on."
        name="inputJson"
        rows={2}
        defaultValue={typed.inputJson}
        errors={errors.inputJson}
      />
      <div className="grid gap-4 md:grid-cols-2">
        <Select
          label="Priority"
          name="priority"
          defaultValue={typed.priority ?? "medium"}
          errors={errors.priority}
          options={priorities.map((value) => ({ value, label: sentence(value) }))}
        />
        <Field
          label="Due"
          isOptional
          hint="Overdue only after this day has ended."
          name="dueDate"
          type="date"
          defaultValue={typed.dueDate}
          errors={errors.dueDate}
        />
        <Field
          label="Needs"
          isOptional
          hint="Capabilities, with commas between. Only agents that have all of them can claim it."
          name="requiredCapabilities"
          defaultValue={typed.requiredCapabilities}
          errors={errors.requiredCapabilities}
        />
        <Field
          label="Labels"
          isOptional
          hint="With commas between."
          name="labels"
          defaultValue={typed.labels}
          errors={errors.labels}
        />
        <Field
          label="Waits for"
          isOptional
          hint="Tasks of the same workflow, such as T-12, T-15. It starts when all of them are completed."
          name="dependsOn"
          defaultValue={typed.dependsOn}
          errors={errors.dependsOn}
        />
        <Field
          label="Attempts"
          hint="How often agents may try before it fails for good."
          name="maxAttempts"
          type="number"
          min={1}
          max={100}
          defaultValue={typed.maxAttempts ?? "3"}
          errors={errors.maxAttempts}
        />
        <Field
          label="Time limit, in seconds"
          isOptional
          hint="Of one attempt, without waiting for people."
          name="timeoutSeconds"
          type="number"
          min={1}
          defaultValue={typed.timeoutSeconds}
          errors={errors.timeoutSeconds}
        />
        <Field
          label="Queue time-out, in seconds"
          isOptional
          hint="If no agent takes it for so long, it fails."
          name="queueTtlSeconds"
          type="number"
          min={1}
          defaultValue={typed.queueTtlSeconds}
          errors={errors.queueTtlSeconds}
        />
      </div>
    </>
  );
}
