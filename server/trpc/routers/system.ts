import { forMembers, router } from "../trpc.ts";

export const systemRouter = router({
  health: forMembers.query(({ ctx }) => ctx.system.health()),
  info: forMembers.query(({ ctx }) => ctx.system.info),
});
