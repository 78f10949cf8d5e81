import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(() => paths.settings());

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.users.enable(input), fields);
  return done(result, form, { to: paths.settings(), said: (user) => ({ text: `Enabled ${user.name}` }) });
});

export default RefusedPage;
