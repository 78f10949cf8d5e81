import type { MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Select } from "~/components/shared/Select.tsx";
import { TaskFields } from "~/components/task/TaskFields.tsx";
import { taskNumber, workflowNumber } from "~/lib/format.ts";
import { change, done, page } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("New task", matches);

export const loader = page(
  ["suggestions"],
  async ({ context, request }) => {
    const { items } = await context.api.workflows.list({
      status: ["draft", "running", "paused", "failed"],
      limit: 200,
    });
    return { workflows: items, workflowId: new URL(request.url).searchParams.get("workflowId") };
  },
  "operator",
);

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.tasks.create(input), fields);
  return done(result, form, {
    to: (task) => paths.task(taskNumber(task.number)),
    said: (task) => ({ text: `Added ${taskNumber(task.number)}` }),
  });
});

export default function NewTask() {
  const { workflows, workflowId, formKey } = useLoaderData<typeof loader>();
  const refusal = refusalOf(useActionData<typeof action>());
  const isPending = useNavigation().state === "submitting";
  return (
    <div className="max-w-3xl">
      <PageHead title="New task" crumbs={[{ to: paths.tasks(), word: "Board" }]} />
      {workflows.length === 0 ? (
        <div className="mt-4">
          <EmptyState
            title="A task needs a workflow"
            action={
              <ButtonLink kind="main" to={paths.newWorkflow()}>
                New workflow
              </ButtonLink>
            }
          >
            There is none that can take a task. Make one first; it can be made together with its tasks.
          </EmptyState>
        </div>
      ) : (
        <Form method="post" className="mt-4 grid gap-4">
          <FormProblems refusal={refusal} />
          <input type="hidden" name="idempotencyKey" value={formKey} />
          <Select
            label="Workflow"
            name="workflowId"
            defaultValue={refusal?.values.workflowId ?? workflowId ?? workflows[0]?.id}
            errors={refusal?.fieldErrors?.workflowId}
            options={workflows.map(({ id, name, number }) => ({
              value: id,
              label: `${workflowNumber(number)} ${name}`,
            }))}
          />
          <TaskFields values={{}} refusal={refusal} />
          <div className="flex gap-2">
            <Button kind="main" isPending={isPending} pendingWord="Adding…">
              Add the task
            </Button>
            <ButtonLink to={paths.tasks()}>Cancel</ButtonLink>
          </div>
        </Form>
      )}
    </div>
  );
}
