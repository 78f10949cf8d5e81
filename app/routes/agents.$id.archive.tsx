import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.agent);

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.agents.archive(input), fields);
  return done(result, form, {
    to: paths.agents(),
    said: (agent) => ({ text: `Archived ${agent.name}` }),
  });
});

export default RefusedPage;
