import { RefusedPage } from "~/components/shared/RefusedPage.tsx";
import { taskNumber } from "~/lib/format.ts";
import { backTo, change, done, onlyForms } from "~/lib/page.server.ts";
import { paths } from "~/paths.ts";

export const loader = onlyForms(paths.task);

export const action = change(async ({ context, form, fields, id }) => {
  const result = await context.submit((api, input) => api.tasks.retry(input), fields);
  return done(result, form, {
    to: backTo(form, paths.task(id)),
    said: (task) => ({ text: `${taskNumber(task.number)} is pending again` }),
  });
});

export default RefusedPage;
