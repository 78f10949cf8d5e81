import { forEveryone, router } from "../trpc.ts";

export const sessionRouter = router({
  /** Who is asking; null without a sign-in. */
  me: forEveryone.query(({ ctx }) => ctx.actor),
});
