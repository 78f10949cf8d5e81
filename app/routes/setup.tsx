import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Banner } from "~/components/shared/Banner.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import { Gate } from "~/components/shared/Gate.tsx";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Set up", matches);

export async function loader({ context, request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  // Invited people come here too, with a link of their own.
  if (!context.needsSetup && !token) throw redirect(context.actor ? paths.dashboard() : paths.login());
  const invited = context.needsSetup ? null : await context.auth.invitedBy(token);
  return { token, isFirst: context.needsSetup, invited: invited && { name: invited.name, email: invited.email } };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const field = (name: string) => String(form.get(name) ?? "").trim();
  const asked = { token: field("token"), name: field("name"), email: field("email") };
  const result = await context.auth.setup({ ...asked, password: String(form.get("password") ?? "") });
  if (result.ok) return redirect(paths.dashboard(), { headers: result.headers });
  return data({ message: result.message, fieldErrors: result.fieldErrors ?? {}, asked }, { status: 422 });
}

export default function Setup() {
  const { token, isFirst, invited } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const isPending = useNavigation().state !== "idle";
  const errors = refused?.fieldErrors ?? {};
  if (!isFirst && !invited) return <DeadLink />;
  return (
    <Gate
      title={isFirst ? "Set up Workflow Factory" : "Choose a password"}
      note={
        isFirst
          ? "Nobody can sign in yet. You become the first admin."
          : `For ${invited?.email}. The link you followed works once.`
      }
    >
      <Form method="post" className="mt-6 grid gap-4">
        {refused ? (
          <Banner tone="failed" isNews>
            {refused.message}
          </Banner>
        ) : null}
        {invited ? (
          <>
            <input type="hidden" name="token" value={token} />
            <input type="hidden" name="email" value={invited.email} />
          </>
        ) : (
          <Field
            label="Code"
            name="token"
            hint="The server printed it, with this page's address, when it started."
            required
            defaultValue={refused?.asked.token ?? token}
            errors={errors.token}
            autoComplete="off"
          />
        )}
        <Field
          label="Your name"
          name="name"
          autoComplete="name"
          required
          maxLength={255}
          defaultValue={refused?.asked.name ?? invited?.name}
          errors={errors.name}
        />
        {invited ? null : (
          <Field
            label="Email"
            name="email"
            type="email"
            autoComplete="username"
            required
            defaultValue={refused?.asked.email}
            errors={errors.email}
          />
        )}
        <Field
          label="Password"
          name="password"
          type="password"
          hint="At least 10 characters; a few words together are easy to keep."
          autoComplete="new-password"
          required
          errors={errors.password}
        />
        <Button kind="main" isPending={isPending} pendingWord="Setting up…">
          {isFirst ? "Create the admin and sign in" : "Keep it and sign in"}
        </Button>
      </Form>
    </Gate>
  );
}

const DeadLink = () => (
  <Gate title="This link no longer works" note="It was used before, is too old, was replaced or was cut short.">
    <p className="mt-4 text-sm">Ask an admin for a new one: in the settings, New link beside your name.</p>
    <p className="mt-4 text-sm">
      <Link to={paths.login()} className="text-accent underline underline-offset-2">
        Sign in
      </Link>{" "}
      with the password that you have.
    </p>
  </Gate>
);
