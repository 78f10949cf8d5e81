import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(() => paths.tasks());

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.comments.update(input), fields);
  return done(result, form, { to: backTo(form, paths.tasks()), said: { text: "Saved the comment" } });
});

export default RefusedPage;
