import type { MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { WorkflowFields } from "~/components/workflow/WorkflowFields.tsx";
import { workflowNumber } from "~/lib/format.ts";
import { change, done, page } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Edit workflow", matches);

export const loader = page(
  ["suggestions"],
  async ({ context, params }) => ({
    workflow: await context.api.workflows.byId({ id: params.id ?? "" }),
  }),
  "operator",
);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.workflows.update(input), fields);
  return done(result, form, { to: paths.workflow(id), said: (workflow) => ({ text: `Saved ${workflow.name}` }) });
});

export default function EditWorkflow() {
  const { workflow } = useLoaderData<typeof loader>();
  const refusal = refusalOf(useActionData<typeof action>());
  const isPending = useNavigation().state === "submitting";
  const number = workflowNumber(workflow.number);
  const isStale = refusal?.reason === "stale_revision";
  return (
    <div className="max-w-3xl">
      <PageHead
        title={`Edit ${number}`}
        crumbs={[
          { to: paths.workflows(), word: "Workflows" },
          { to: paths.workflow(number), word: workflow.name },
        ]}
      />
      <Form method="post" className="mt-4 grid gap-4">
        <FormProblems refusal={refusal} />
        <input
          type="hidden"
          name="revision"
          value={isStale ? workflow.revision : (refusal?.values.revision ?? workflow.revision)}
        />
        <WorkflowFields
          errors={refusal?.fieldErrors ?? {}}
          values={
            refusal?.values ?? {
              name: workflow.name,
              description: workflow.description ?? "",
              failurePolicy: workflow.failurePolicy,
            }
          }
        />
        <div className="flex gap-2">
          <Button kind="main" isPending={isPending} pendingWord="Saving…">
            {isStale ? "Save mine anyway" : "Save"}
          </Button>
          <ButtonLink to={paths.workflow(number)}>{isStale ? "Take theirs" : "Cancel"}</ButtonLink>
        </div>
      </Form>
    </div>
  );
}
