import { data, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { TokenOnce } from "~/components/agent/TokenOnce.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Select } from "~/components/shared/Select.tsx";
import { change, page, refused } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("New token", matches);

export const loader = page(
  ["suggestions"],
  async ({ context, params }) => ({
    agent: await context.api.agents.byId({ id: params.id ?? "" }),
  }),
  "admin",
);

/** Answers with the token in the page, as nothing may keep it for a later one. */
export const action = change(async ({ context, fields }) => {
  const result = await context.submit((api, input) => api.agents.rotateToken(input), fields);
  if (!result.ok) return refused(result);
  return data({ ok: true as const, token: result.value.token }, { headers: { "Cache-Control": "no-store" } });
});

export default function RotateToken() {
  const { agent } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = refusalOf(answer);
  const isPending = useNavigation().state === "submitting";
  return (
    <div className="max-w-2xl">
      <PageHead
        title={`New token for ${agent.name}`}
        crumbs={[
          { to: paths.agents(), word: "Agents" },
          { to: paths.agent(agent.id), word: agent.name },
        ]}
      />
      {answer && "token" in answer ? (
        <TokenOnce agent={agent} token={answer.token} />
      ) : (
        <Form method="post" className="mt-4 grid gap-4">
          <FormProblems refusal={refusal} />
          <Select
            className="max-w-80"
            label="The old token"
            hint="An overlap lets a running agent change over without a pause."
            name="overlapMinutes"
            errors={refusal?.fieldErrors?.overlapMinutes}
            options={[
              { value: "0", label: "Ends at once" },
              { value: "15", label: "Works for 15 minutes more" },
              { value: "1440", label: "Works for a day more" },
            ]}
          />
          <div className="flex gap-2">
            <Button kind="main" isPending={isPending} pendingWord="Making…">
              Make a token and show it
            </Button>
            <ButtonLink to={paths.agent(agent.id)}>Leave it</ButtonLink>
          </div>
        </Form>
      )}
    </div>
  );
}
