import { agentsRouter } from "./routers/agents.ts";
import { auditRouter } from "./routers/audit.ts";
import { commentsRouter } from "./routers/comments.ts";
import { dashboardRouter } from "./routers/dashboard.ts";
import { eventsRouter } from "./routers/events.ts";
import { runsRouter } from "./routers/runs.ts";
import { sessionRouter } from "./routers/session.ts";
import { suggestionsRouter } from "./routers/suggestions.ts";
import { systemRouter } from "./routers/system.ts";
import { tasksRouter } from "./routers/tasks.ts";
import { usersRouter } from "./routers/users.ts";
import { workflowsRouter } from "./routers/workflows.ts";
import { router } from "./trpc.ts";

export const appRouter = router({
  workflows: workflowsRouter,
  tasks: tasksRouter,
  runs: runsRouter,
  agents: agentsRouter,
  suggestions: suggestionsRouter,
  comments: commentsRouter,
  audit: auditRouter,
  dashboard: dashboardRouter,
  session: sessionRouter,
  users: usersRouter,
  system: systemRouter,
  events: eventsRouter,
});

export type AppRouter = typeof appRouter;
