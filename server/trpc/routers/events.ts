import { router } from "../trpc.ts";

export const eventsRouter = router({});
