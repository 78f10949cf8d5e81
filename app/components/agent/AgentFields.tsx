import { Field, TextArea } from "~/components/shared/Field.tsx";
import type { Refusal } from "~/context.d.ts";

export function AgentFields({
  values,
  refusal,
}: {
  values: Record<string, string | undefined>;
  refusal: Refusal | undefined;
}) {
  const typed: Record<string, string | undefined> = refusal?.values ?? values;
  const errors = refusal?.fieldErrors ?? {};
  return (
    <>
      <Field
        label="Name"
        hint="It signs everything that the agent does."
        name="name"
        required
        maxLength={255}
        placeholder="release-notes"
        defaultValue={typed.name}
        errors={errors.name}
      />
      <TextArea
        label="Description"
        isOptional
        name="description"
        defaultValue={typed.description}
        errors={errors.description}
      />
      <Field
        label="Can"
        isOptional
        hint="Capabilities, with commas between. It is given only tasks that need nothing else."
        name="capabilities"
        placeholder="summarise, changelog"
        defaultValue={typed.capabilities}
        errors={errors.capabilities}
      />
      <Field
        className="max-w-48"
        label="Runs at the same time"
        name="maxConcurrent"
        type="number"
        min={1}
        max={1000}
        defaultValue={typed.maxConcurrent ?? "1"}
        errors={errors.maxConcurrent}
      />
    </>
  );
}
