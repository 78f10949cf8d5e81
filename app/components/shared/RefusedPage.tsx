import { Form, useActionData, useLoaderData } from "@remix-run/react";
import type { Refusal } from "~/context.d.ts";
import { fieldName, sentence } from "~/lib/format.ts";
import { canBeForced } from "~/lib/refusal.ts";
import { paths } from "~/paths.ts";
import { Button, ButtonLink } from "./Button.tsx";
import { Field } from "./Field.tsx";

/** Where a form without JavaScript lands when its change was refused: what happened, and the same change again. */
export function RefusedPage() {
  const refusal = useActionData<Refusal | { ok: true }>();
  const back = useLoaderData<{ back: string } | undefined>()?.back ?? paths.dashboard();
  if (!refusal || refusal.ok) return <ButtonLink to={back}>Go back</ButtonLink>;
  const wrong = Object.entries(refusal.fieldErrors ?? {});
  const isMended = (name: string) => wrong.some(([field]) => field === name);
  return (
    <div className="max-w-[66ch] py-6">
      <h1 className="text-xl font-semibold">
        {refusal.status === 409 ? "Your change was not made" : "Something is missing or wrong"}
      </h1>
      <p role="alert" className="mt-2">
        {refusal.formError ?? "Mend what is marked and send it again. Nothing was saved."}
      </p>
      <Form method="post" reloadDocument className="mt-5 grid gap-4">
        {Object.entries(refusal.values)
          .filter(([name]) => !isMended(name) && name !== "revision" && name !== "taskRevision" && name !== "id")
          .map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
        <input type="hidden" name="back" value={back} />
        {wrong.map(([name, errors]) => (
          <Field
            key={name}
            name={name}
            label={sentence(fieldName(name))}
            defaultValue={refusal.values[name] ?? ""}
            errors={errors}
          />
        ))}
        <div className="flex flex-wrap gap-2">
          {refusal.status === 422 ? <Button kind="main">Send again</Button> : null}
          {canBeForced(refusal) ? (
            <Button kind="main" name="force" value="true">
              Do it anyway
            </Button>
          ) : null}
          <ButtonLink to={back}>{canBeForced(refusal) ? "Leave it" : "Go back"}</ButtonLink>
        </div>
      </Form>
    </div>
  );
}
