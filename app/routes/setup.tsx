import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Banner } from "~/components/shared/Banner.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import { Gate } from "~/components/shared/Gate.tsx";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Set up", matches);

export function loader({ context, request }: LoaderFunctionArgs) {
  const token = new URL(request.url).searchParams.get("token") ?? "";
  // Invited people come here too, with a link of their own.
  if (!context.needsSetup && !token) throw redirect(context.actor ? paths.dashboard() : paths.login());
  return { token, isFirst: context.needsSetup };
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
  const { token, isFirst } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const isPending = useNavigation().state !== "idle";
  const errors = refused?.fieldErrors ?? {};
  return (
    <Gate
      title={isFirst ? "Set up Workflow Factory" : "Choose a password"}
      note={
        isFirst
          ? "Nobody can sign in yet. You become the first admin."
          : "The link you followed is an invitation. It works once."
      }
    >
      <Form method="post" className="mt-6 grid gap-4">
        {refused ? (
          <Banner tone="failed" isNews>
            {refused.message}
          </Banner>
        ) : null}
        <Field
          label="Code"
          name="token"
          hint={isFirst ? "The server printed it, with this page's address, when it started." : "From your link."}
          required
          defaultValue={refused?.asked.token ?? token}
          errors={errors.token}
          autoComplete="off"
        />
        <Field
          label="Your name"
          name="name"
          autoComplete="name"
          required
          defaultValue={refused?.asked.name}
          errors={errors.name}
        />
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={refused?.asked.email}
          errors={errors.email}
        />
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
