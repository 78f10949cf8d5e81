import type { MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { TaskFields } from "~/components/task/TaskFields.tsx";
import { taskNumber } from "~/lib/format.ts";
import { change, done, page } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Edit task", matches);

export const loader = page(
  ["suggestions"],
  async ({ context, params }) => ({
    task: await context.api.tasks.byId({ id: params.id ?? "" }),
  }),
  "operator",
);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.tasks.update(input), fields);
  return done(result, form, { to: paths.task(id), said: (task) => ({ text: `Saved ${taskNumber(task.number)}` }) });
});

export default function EditTask() {
  const { task } = useLoaderData<typeof loader>();
  const refusal = refusalOf(useActionData<typeof action>());
  const isPending = useNavigation().state === "submitting";
  const number = taskNumber(task.number);
  const isStale = refusal?.reason === "stale_revision";
  return (
    <div className="max-w-3xl">
      <PageHead
        title={`Edit ${number}`}
        crumbs={[
          { to: paths.tasks(), word: "Board" },
          { to: paths.task(number), word: task.name },
        ]}
      />
      <Form method="post" className="mt-4 grid gap-4">
        <FormProblems refusal={refusal} />
        <input
          type="hidden"
          name="revision"
          value={isStale ? task.revision : (refusal?.values.revision ?? task.revision)}
        />
        <TaskFields
          refusal={refusal}
          values={{
            name: task.name,
            description: task.description ?? "",
            priority: task.priority,
            dueDate: task.dueDate ?? "",
            requiredCapabilities: task.requiredCapabilities.join(", "),
            labels: task.labels.join(", "),
            dependsOn: task.dependencies.map((one) => taskNumber(one.number)).join(", "),
            maxAttempts: String(task.maxAttempts),
            inputJson: task.input === null ? "" : JSON.stringify(task.input),
            timeoutSeconds: task.timeoutSeconds ? String(task.timeoutSeconds) : "",
            queueTtlSeconds: task.queueTtlSeconds ? String(task.queueTtlSeconds) : "",
          }}
        />
        <div className="flex gap-2">
          <Button kind="main" isPending={isPending} pendingWord="Saving…">
            {isStale ? "Save mine anyway" : "Save"}
          </Button>
          <ButtonLink to={paths.task(number)}>{isStale ? "Take theirs" : "Cancel"}</ButtonLink>
        </div>
      </Form>
    </div>
  );
}
