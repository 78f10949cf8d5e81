import { Field, TextArea } from "~/components/shared/Field.tsx";
import { Select } from "~/components/shared/Select.tsx";
import type { Refusal } from "~/context.d.ts";

export function WorkflowFields({
  values,
  errors,
}: {
  values: Record<string, string | undefined>;
  errors: NonNullable<Refusal["fieldErrors"]>;
}) {
  return (
    <>
      <Field label="Name" name="name" required maxLength={255} defaultValue={values.name} errors={errors.name} />
      <TextArea
        label="Description"
        isOptional
        name="description"
        defaultValue={values.description}
        errors={errors.description}
      />
      <Select
        className="max-w-80"
        label="When a task fails for good"
        name="failurePolicy"
        defaultValue={values.failurePolicy ?? "continue"}
        errors={errors.failurePolicy}
        options={[
          { value: "continue", label: "Go on with the rest" },
          { value: "fail_fast", label: "Fail the workflow at once" },
        ]}
      />
    </>
  );
}
