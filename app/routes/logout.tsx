import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.dashboard);

export async function action({ context }: ActionFunctionArgs) {
  return redirect(paths.login(), { headers: await context.auth.signOut() });
}
