import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.workflow);

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.workflows.remove(input), fields);
  return done(result, form, {
    to: paths.workflows(),
    said: (workflow) => ({
      text: `Moved ${workflow.name} to the bin`,
      undo: { action: paths.workflowAction(workflow.id, "restore") },
    }),
  });
});

export default RefusedPage;
