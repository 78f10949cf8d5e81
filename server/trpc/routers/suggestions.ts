import { router } from "../trpc.ts";

export const suggestionsRouter = router({});
