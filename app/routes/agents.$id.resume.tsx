import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.agent);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.agents.resume(input), fields);
  return done(result, form, {
    to: backTo(form, paths.agent(id)),
    said: (agent) => ({ text: `Resumed ${agent.name}` }),
  });
});

export default RefusedPage;
