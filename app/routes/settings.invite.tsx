import { data, type MetaFunction } from "@remix-run/node";
import { Form, useActionData } from "@remix-run/react";
import { InviteFields } from "~/components/settings/InviteForm.tsx";
import { LinkOnce } from "~/components/settings/LinkOnce.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { change, onlyForms, refused } from "~/lib/page.server.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Invitation", matches);

export const loader = onlyForms(() => paths.settings());

/** Answers with the link in the page, as nothing may keep it for a later one. */
export const action = change(async ({ context, fields }) => {
  const result = await context.submit((api, input) => api.users.invite(input), fields);
  if (!result.ok) return refused(result);
  const { user, link } = result.value;
  return data({ ok: true as const, name: user.name, link }, { headers: { "Cache-Control": "no-store" } });
});

export default function Invitation() {
  const answer = useActionData<typeof action>();
  const refusal = refusalOf(answer);
  return (
    <div className="max-w-2xl">
      <PageHead title="Invitation" crumbs={[{ to: paths.settings(), word: "Settings" }]} />
      <div className="mt-4">
        {answer && "link" in answer ? (
          <div className="grid gap-4">
            <LinkOnce name={answer.name} link={answer.link} />
            <div>
              <ButtonLink to={paths.settings()}>Back to the settings</ButtonLink>
            </div>
          </div>
        ) : (
          <Form method="post" className="grid gap-4">
            <FormProblems refusal={refusal} />
            <InviteFields refusal={refusal} />
            <div>
              <Button kind="main">Make the invitation</Button>
            </div>
          </Form>
        )}
      </div>
    </div>
  );
}
