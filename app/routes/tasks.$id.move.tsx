import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { taskNumber, words } from "~/lib/format.ts";
import { backTo, change, done, onlyForms, undoFields } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.task);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.tasks.move(input), fields);
  return done(result, form, {
    to: backTo(form, paths.task(id)),
    said: (task) => ({
      text: `Moved ${taskNumber(task.number)} to ${words(task.status)}`,
      ...(task.status === "in_progress" && task.takenById ? { detail: "You hold it now." } : {}),
      ...(form.has("undo") ? { undo: { action: paths.taskAction(task.id, "move"), fields: undoFields(form) } } : {}),
    }),
  });
});

export default RefusedPage;
