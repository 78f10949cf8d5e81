import { useFetcher } from "@remix-run/react";
import { Banner } from "~/components/shared/Banner.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import { FormProblems } from "~/components/shared/FormProblems.tsx";
import { Select } from "~/components/shared/Select.tsx";
import type { Refusal } from "~/context.d.ts";
import { sentence } from "~/lib/format.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { roles } from "../../../db/enums.ts";
import { LinkOnce } from "./LinkOnce.tsx";

export function InviteForm() {
  const fetcher = useFetcher<Refusal | { ok: true; name: string; link: string }>();
  const refusal = refusalOf(fetcher.data);
  const made = fetcher.data?.ok ? fetcher.data : null;
  return (
    <fetcher.Form method="post" action="/settings/invite" className="grid max-w-2xl gap-4">
      <FormProblems refusal={refusal} />
      {made ? (
        <Banner tone="good" isNews>
          <LinkOnce name={made.name} link={made.link} />
        </Banner>
      ) : null}
      <InviteFields refusal={refusal} />
      <div>
        <Button kind="main" isPending={fetcher.state !== "idle"} pendingWord="Inviting…">
          Make the invitation
        </Button>
      </div>
    </fetcher.Form>
  );
}

export function InviteFields({ refusal }: { refusal: Refusal | undefined }) {
  const errors = refusal?.fieldErrors ?? {};
  return (
    <div className="grid gap-4 md:grid-cols-[1fr_1fr_9rem]">
      <Field
        label="Name"
        name="name"
        required
        defaultValue={refusal?.values.name}
        errors={errors.name}
        autoComplete="off"
      />
      <Field
        label="Email"
        name="email"
        type="email"
        required
        defaultValue={refusal?.values.email}
        errors={errors.email}
        autoComplete="off"
      />
      <Select
        label="Role"
        name="role"
        defaultValue={refusal?.values.role ?? "operator"}
        errors={errors.role}
        options={roles.map((value) => ({ value, label: sentence(value) }))}
      />
    </div>
  );
}
