import { data, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { TaskRows } from "~/components/workflow/TaskRows.tsx";
import { WorkflowFields } from "~/components/workflow/WorkflowFields.tsx";
import { workflowNumber } from "~/lib/format.ts";
import { errorsAtRows, workflowFields } from "~/lib/new-workflow.server.ts";
import { change, done, page, refused } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("New workflow", matches);

export const loader = page(["suggestions"], async () => ({ rows: 3 }), "operator");

const mostRows = 100;

export const action = change(async ({ context, form }) => {
  const typed = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
  const rows = Math.min(mostRows, Number(typed.rows ?? 0));
  // "Add another task" sends the same form with the number of rows that it wants.
  if (rows > 0) return data({ ok: true as const, rows, typed });
  const result = await context.submit((api, input) => api.workflows.create(input), workflowFields(form));
  if (!result.ok) {
    const { data: refusal, init } = refused({ ...result, fieldErrors: errorsAtRows(form, result.fieldErrors ?? {}) });
    return data({ ...refusal, typed, rows: 0 }, init ?? undefined);
  }
  return done(result, form, {
    to: paths.workflow(workflowNumber(result.value.number)),
    said: { text: `Created ${result.value.name}` },
  });
});

export default function NewWorkflow() {
  const { rows, formKey } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = refusalOf(answer);
  const typed = answer && "typed" in answer ? (answer.typed as Record<string, string>) : {};
  const isPending = useNavigation().state === "submitting";
  const rowsTyped = Object.keys(typed).filter((name) => /^tasks\[\d+\]\.name$/.test(name)).length;
  return (
    <div className="max-w-4xl">
      <PageHead title="New workflow" crumbs={[{ to: paths.workflows(), word: "Workflows" }]} />
      <Form method="post" className="mt-4 grid gap-4">
        <FormProblems refusal={refusal} />
        <input type="hidden" name="idempotencyKey" value={typed.idempotencyKey ?? formKey} />
        {/* Enter in a field presses the first button, which must be the one that creates. */}
        <Button kind="main" className="sr-only" tabIndex={-1} aria-hidden="true">
          Create the workflow
        </Button>
        <WorkflowFields values={typed} errors={refusal?.fieldErrors ?? {}} />
        <TaskRows
          rows={(answer && "rows" in answer && answer.rows) || rowsTyped || rows}
          values={typed}
          errors={refusal?.fieldErrors ?? {}}
        />
        <div className="flex gap-2">
          <Button kind="main" isPending={isPending} pendingWord="Creating…">
            Create the workflow
          </Button>
          <ButtonLink to={paths.workflows()}>Cancel</ButtonLink>
        </div>
      </Form>
    </div>
  );
}
