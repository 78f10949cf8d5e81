import { data, type MetaFunction } from "@remix-run/node";
import { useActionData } from "@remix-run/react";
import { LinkOnce } from "~/components/settings/LinkOnce.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { change, onlyForms, refused } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("New link", matches);

export const loader = onlyForms(() => paths.settings());

/** Answers with the link in the page, as nothing may keep it for a later one. */
export const action = change(async ({ context, fields }) => {
  const result = await context.submit((api, input) => api.users.newLink(input), fields);
  if (!result.ok) return refused(result);
  const { user, link } = result.value;
  return data({ ok: true as const, name: user.name, link }, { headers: { "Cache-Control": "no-store" } });
});

export default function NewLink() {
  const answer = useActionData<typeof action>();
  if (!answer || !("link" in answer)) return <RefusedPage />;
  return (
    <div className="max-w-2xl">
      <PageHead title="New link" crumbs={[{ to: paths.settings(), word: "Settings" }]} />
      <div className="mt-4 grid gap-4">
        <LinkOnce name={answer.name} link={answer.link} />
        <div>
          <ButtonLink to={paths.settings()}>Back to the settings</ButtonLink>
        </div>
      </div>
    </div>
  );
}
