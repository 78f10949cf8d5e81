import { appRouter } from "./router.ts";
import { createCallerFactory } from "./trpc.ts";

/** The router as plain functions, for the server's own pages. */
export const createCaller = createCallerFactory(appRouter);
export type AppCaller = ReturnType<typeof createCaller>;
