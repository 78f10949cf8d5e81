import { router } from "../trpc.ts";

export const commentsRouter = router({});
