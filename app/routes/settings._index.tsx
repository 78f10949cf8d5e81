import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { InviteForm } from "~/components/settings/InviteForm.tsx";
import { People } from "~/components/settings/People.tsx";
import { ExactTime } from "~/components/shared/ExactTime.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Fact, Facts, Section } from "~/components/shared/Section.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import { fieldName, sentence } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Settings", matches);

export const loader = page(["suggestions"], async ({ context: { api }, person }) => {
  const [info, users] = await Promise.all([api.system.info(), person.role === "admin" ? api.users.list() : null]);
  return { info, users: users?.items ?? null };
});

export default function Settings() {
  const { info, users } = useLoaderData<typeof loader>();
  const { person, isAdmin } = useViewer();
  return (
    <>
      <PageHead title="Settings" />
      <div className="mt-5 flex max-w-5xl flex-col gap-8">
        <Section title="You">
          <Facts>
            <Fact name="Name">{person?.name}</Fact>
            <Fact name="Role">
              {person?.role}: {roleMeaning[person?.role ?? "viewer"]}
            </Fact>
          </Facts>
        </Section>
        {users && person ? (
          <Section title="People" note={`${users.length} in all`}>
            <People users={users} me={person.id} />
          </Section>
        ) : null}
        {isAdmin ? (
          <Section title="Invite somebody">
            <InviteForm />
          </Section>
        ) : (
          <p className="text-sm text-muted">
            People and their roles are for admins. Anyone with that role can change yours.
          </p>
        )}
        <Section title="This installation">
          <Facts>
            {Object.entries(info).map(([name, value]) => (
              <Fact key={name} name={sentence(fieldName(name))}>
                {value instanceof Date ? <ExactTime at={value} /> : String(value)}
              </Fact>
            ))}
          </Facts>
        </Section>
      </div>
    </>
  );
}

const roleMeaning = {
  viewer: "sees everything, changes nothing",
  operator: "works with tasks and workflows, comments and decides",
  admin: "also people, agents and tokens",
};
