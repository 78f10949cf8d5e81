import { readSeries, seriesInput } from "../../services/dashboard/series.ts";
import { summarise } from "../../services/dashboard/summary.ts";
import { forMembers, router } from "../trpc.ts";

export const dashboardRouter = router({
  summary: forMembers.query(({ ctx }) => summarise(ctx)),
  series: forMembers.input(seriesInput).query(({ ctx, input }) => readSeries(ctx, input)),
});
