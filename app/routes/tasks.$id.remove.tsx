import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { taskNumber } from "~/lib/format.ts";
import { change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.task);

export const action = change(async ({ context, form, fields }) => {
  const result = await context.submit((api, input) => api.tasks.remove(input), fields);
  return done(result, form, {
    to: paths.tasks(),
    said: (task) => ({
      text: `Moved ${taskNumber(task.number)} to the bin`,
      undo: { action: paths.taskAction(task.id, "restore") },
    }),
  });
});

export default RefusedPage;
