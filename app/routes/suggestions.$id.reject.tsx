import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms((id) => paths.suggestions({ s: id }));

export const action = change(async ({ context, form, fields }) => {
  // The form's other fields are for approving.
  fields.set("reason", fields.get("note") ?? fields.get("reason") ?? "");
  for (const name of ["note", "effect.kind", "effect.status", "effect.priority"]) fields.delete(name);
  const result = await context.submit((api, input) => api.suggestions.reject(input), fields);
  return done(result, form, {
    to: backTo(form, paths.suggestions()),
    said: (suggestion) => ({ text: `Rejected: ${suggestion.action}` }),
  });
});

export default RefusedPage;
