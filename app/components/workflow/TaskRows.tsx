import { Button } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import { Select } from "~/components/shared/Select.tsx";
import type { Refusal } from "~/context.d.ts";
import { sentence } from "~/lib/format.ts";
import { priorities } from "../../../db/enums.ts";

/** The tasks of a new workflow. Another row is asked of the server, so it works without JavaScript too. */
export function TaskRows({
  rows,
  values,
  errors,
}: {
  rows: number;
  values: Record<string, string>;
  errors: NonNullable<Refusal["fieldErrors"]>;
}) {
  return (
    <fieldset className="grid gap-3">
      <legend className="text-sm font-semibold">Tasks</legend>
      <p className="text-sm text-muted">Rows without a name are left out. More can be added later.</p>
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its number, others refer to it by that
        <TaskRow key={`tasks[${i}]`} at={i} values={values} errors={errors} />
      ))}
      <div>
        <Button name="rows" value={rows + 1} formNoValidate>
          Add another task
        </Button>
      </div>
    </fieldset>
  );
}

function TaskRow({
  at,
  values,
  errors,
}: {
  at: number;
  values: Record<string, string>;
  errors: NonNullable<Refusal["fieldErrors"]>;
}) {
  const field = (name: string) => `tasks[${at}].${name}`;
  const wire = (name: string) => ({
    name: field(name),
    defaultValue: values[field(name)],
    errors: errors[field(name)],
  });
  return (
    <fieldset className="grid gap-3 rounded-lg border border-line bg-surface p-3 md:grid-cols-[minmax(0,1fr)_8rem_minmax(0,12rem)]">
      <legend className="px-1 text-xs text-muted">Task {at + 1}</legend>
      <Field label="Name" {...wire("name")} maxLength={255} />
      <Select
        label="Priority"
        name={field("priority")}
        defaultValue={values[field("priority")] ?? "medium"}
        errors={errors[field("priority")]}
        options={priorities.map((value) => ({ value, label: sentence(value) }))}
      />
      <Field label="Needs" isOptional {...wire("requiredCapabilities")} placeholder="licences, read-code" />
      <Field className="md:col-span-2" label="Description" isOptional {...wire("description")} />
      {at > 0 ? (
        <Field
          label="Waits for"
          isOptional
          name={field("waitsFor")}
          defaultValue={values[field("waitsFor")]}
          errors={errors[field("dependsOn")]}
          placeholder={`numbers above, such as ${at === 1 ? "1" : `1, ${at}`}`}
        />
      ) : null}
    </fieldset>
  );
}
