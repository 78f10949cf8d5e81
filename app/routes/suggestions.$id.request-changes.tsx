import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms((id) => paths.suggestions({ s: id }));

export const action = change(async ({ context, form, fields }) => {
  // The form's other fields are for approving.
  for (const name of ["effect.kind", "effect.status", "effect.priority"]) fields.delete(name);
  const result = await context.submit((api, input) => api.suggestions.requestChanges(input), fields);
  return done(result, form, {
    to: backTo(form, paths.suggestions()),
    said: (suggestion) => ({ text: `Asked for changes to: ${suggestion.action}` }),
  });
});

export default RefusedPage;
