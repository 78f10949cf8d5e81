import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { taskNumber } from "~/lib/format.ts";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.task);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.tasks.cancel(input), fields);
  return done(result, form, {
    to: backTo(form, paths.task(id)),
    said: (task) => ({
      text: `Cancelled ${taskNumber(task.number)}`,
      undo: { action: paths.taskAction(task.id, "retry") },
    }),
  });
});

export default RefusedPage;
