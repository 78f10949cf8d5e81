import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../../server/trpc/router.ts";

/** What the router answers, under the names that the pages use. */
type Outputs = inferRouterOutputs<AppRouter>;

export type Board = Outputs["tasks"]["board"];
export type BoardColumn = Board["columns"]["pending"];
export type TaskCardRow = BoardColumn["items"][number];
export type TaskListItem = Outputs["tasks"]["list"]["items"][number];
export type TaskDetail = Outputs["tasks"]["byId"];
export type Explanation = Outputs["tasks"]["explain"];
export type WorkflowItem = Outputs["workflows"]["list"]["items"][number];
export type WorkflowDetail = Outputs["workflows"]["byId"];
export type GraphNode = Outputs["workflows"]["graph"]["nodes"][number];
export type Run = Outputs["runs"]["byTask"][number];
export type Agent = Outputs["agents"]["list"]["items"][number];
export type Suggestion = Outputs["suggestions"]["list"]["items"][number];
export type Comment = Outputs["comments"]["list"]["items"][number];
export type AuditEntry = Outputs["audit"]["list"]["items"][number];
export type Summary = Outputs["dashboard"]["summary"];
export type Series = Outputs["dashboard"]["series"];
export type Health = Outputs["system"]["health"];
export type User = Outputs["users"]["list"]["items"][number];
export type SuggestionDetail = Outputs["suggestions"]["byId"];
export type AgentMetrics = Outputs["agents"]["metrics"];
export type AgentRun = Outputs["agents"]["runs"]["items"][number];
export type Verification = Outputs["audit"]["verify"];
