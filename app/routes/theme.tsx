import { type ActionFunctionArgs, redirect } from "@remix-run/node";
import { themeHeader, themes } from "~/lib/cookies.server.ts";
import { backTo, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.dashboard);

export async function action({ request }: ActionFunctionArgs) {
  const form = await request.formData();
  const theme = themes.find((one) => one === form.get("theme")) ?? "system";
  return redirect(backTo(form, paths.dashboard()), { headers: { "Set-Cookie": themeHeader(theme) } });
}
