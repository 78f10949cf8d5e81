import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData, useNavigation } from "@remix-run/react";
import { Banner } from "~/components/shared/Banner.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { Field } from "~/components/shared/Field.tsx";
import { Gate } from "~/components/shared/Gate.tsx";
import { isOurs } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Sign in", matches);

export function loader({ context, request }: LoaderFunctionArgs) {
  const { searchParams } = new URL(request.url);
  if (context.needsSetup) throw redirect(paths.setup());
  const to = whereTo(searchParams.get("to"));
  if (context.actor) throw redirect(to);
  return { to, isLost: searchParams.has("lost"), host: new URL(context.site).host };
}

export async function action({ context, request }: ActionFunctionArgs) {
  const form = await request.formData();
  const email = String(form.get("email") ?? "").trim();
  const result = await context.auth.signIn(email, String(form.get("password") ?? ""));
  if (!result.ok) return data({ message: result.message, email }, { status: 422 });
  return redirect(whereTo(form.get("to")), { headers: result.headers });
}

const whereTo = (to: unknown) => (typeof to === "string" && isOurs(to) ? to : paths.dashboard());

export default function Login() {
  const { to, isLost, host } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const isPending = useNavigation().state !== "idle";
  return (
    <Gate title="Sign in" note={`to the floor of ${host}`}>
      <Form method="post" className="mt-6 grid gap-4">
        <input type="hidden" name="to" value={to} />
        {refused ? (
          <Banner tone="failed" isNews>
            {refused.message}
          </Banner>
        ) : isLost ? (
          <Banner tone="waiting" isNews>
            You had been signed out, so what you just sent was not saved. Sign in and send it again.
          </Banner>
        ) : null}
        <Field label="Email" name="email" type="email" autoComplete="username" required defaultValue={refused?.email} />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <Button kind="main" isPending={isPending} pendingWord="Signing in…">
          Sign in
        </Button>
      </Form>
      <p className="mt-5 text-sm text-muted">
        No account, or the password is forgotten? Anyone with the admin role can invite you or reset it.
      </p>
    </Gate>
  );
}
