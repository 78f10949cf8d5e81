import { data, type MetaFunction } from "@remix-run/node";
import { Form, useActionData, useNavigation } from "@remix-run/react";
import { AgentFields } from "~/components/agent/AgentFields.tsx";
import { TokenOnce } from "~/components/agent/TokenOnce.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { change, page, refused } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Connect an agent", matches);

export const loader = page(["suggestions"], async () => ({}), "admin");

/** Answers with the token in the page, as nothing may keep it for a later one. */
export const action = change(async ({ context, fields }) => {
  const result = await context.submit((api, input) => api.agents.create(input), fields);
  if (!result.ok) return refused(result);
  const { agent, token } = result.value;
  return data({ ok: true as const, agent, token }, { headers: { "Cache-Control": "no-store" } });
});

export default function NewAgent() {
  const answer = useActionData<typeof action>();
  const refusal = refusalOf(answer);
  const isPending = useNavigation().state === "submitting";
  return (
    <div className="max-w-2xl">
      <PageHead title="Connect an agent" crumbs={[{ to: paths.agents(), word: "Agents" }]} />
      {answer && "token" in answer ? (
        <TokenOnce agent={answer.agent} token={answer.token} />
      ) : (
        <>
          <p className="mt-1 text-muted">You get a token, shown once, and the lines to start it with.</p>
          <Form method="post" className="mt-4 grid gap-4">
            <FormProblems refusal={refusal} />
            <AgentFields values={{}} refusal={refusal} />
            <div className="flex gap-2">
              <Button kind="main" isPending={isPending} pendingWord="Creating…">
                Create and show the token
              </Button>
              <ButtonLink to={paths.agents()}>Cancel</ButtonLink>
            </div>
          </Form>
        </>
      )}
    </div>
  );
}
