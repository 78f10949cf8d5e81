import type { MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { AgentFields } from "~/components/agent/AgentFields.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { change, done, page } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Edit agent", matches);

export const loader = page(
  ["suggestions"],
  async ({ context, params }) => ({
    agent: await context.api.agents.byId({ id: params.id ?? "" }),
  }),
  "admin",
);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.agents.update(input), fields);
  return done(result, form, { to: paths.agent(id), said: (agent) => ({ text: `Saved ${agent.name}` }) });
});

export default function EditAgent() {
  const { agent } = useLoaderData<typeof loader>();
  const refusal = refusalOf(useActionData<typeof action>());
  const isPending = useNavigation().state === "submitting";
  return (
    <div className="max-w-2xl">
      <PageHead
        title={`Edit ${agent.name}`}
        crumbs={[
          { to: paths.agents(), word: "Agents" },
          { to: paths.agent(agent.id), word: agent.name },
        ]}
      />
      <Form method="post" className="mt-4 grid gap-4">
        <FormProblems refusal={refusal} />
        <AgentFields
          refusal={refusal}
          values={{
            name: agent.name,
            description: agent.description ?? "",
            capabilities: agent.capabilities.join(", "),
            maxConcurrent: String(agent.maxConcurrent),
          }}
        />
        <div className="flex gap-2">
          <Button kind="main" isPending={isPending} pendingWord="Saving…">
            Save
          </Button>
          <ButtonLink to={paths.agent(agent.id)}>Cancel</ButtonLink>
        </div>
      </Form>
    </div>
  );
}
