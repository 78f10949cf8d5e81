import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(() => paths.suggestions());

const most = 200;

/** Each is its own decision: one that was decided meanwhile, or whose task moved on, is left and counted. */
export const action = change(async ({ context, form }) => {
  const asked = String(form.get("ids") ?? "")
    .split(",")
    .filter(Boolean)
    .slice(0, most);
  let approved = 0;
  for (const pair of asked) {
    const [id = "", taskRevision = ""] = pair.split(":");
    const fields = new FormData();
    fields.set("id", id);
    fields.set("taskRevision", taskRevision);
    const result = await context.submit((api, input) => api.suggestions.approve(input), fields);
    if (result.ok) approved += 1;
  }
  const left = asked.length - approved;
  return done({ ok: true, value: null }, form, {
    to: backTo(form, paths.suggestions()),
    said: {
      text: `${approved} of ${asked.length} approved`,
      ...(left > 0 && { detail: `${left} moved on or were decided in the meantime and were left.` }),
    },
  });
});

export default RefusedPage;
