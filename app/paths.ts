/** Every address of the app, so that a route's move is one line. Ids are UUIDs or the short form: T-142, W-7. */
type Query = Record<string, string | number | boolean | null | undefined>;

export const paths = {
  dashboard: () => "/dashboard",
  workflows: (query?: Query) => withQuery("/workflows", query),
  newWorkflow: () => "/workflows/new",
  workflow: (id: string) => `/workflows/${id}`,
  workflowAction: (id: string, verb: "pause" | "resume" | "cancel" | "retry" | "remove" | "restore" | "edit") =>
    `/workflows/${id}/${verb}`,
  tasks: (query?: Query) => withQuery("/tasks", query),
  newTask: (query?: Query) => withQuery("/tasks/new", query),
  taskBin: () => "/tasks/bin",
  task: (id: string) => `/tasks/${id}`,
  taskAction: (id: string, verb: "move" | "cancel" | "retry" | "remove" | "restore" | "edit" | "assign") =>
    `/tasks/${id}/${verb}`,
  artifact: (id: string) => `/artifacts/${id}`,
  runLogs: (id: string) => `/runs/${id}`,
  agents: (query?: Query) => withQuery("/agents", query),
  newAgent: () => "/agents/new",
  agent: (id: string) => `/agents/${id}`,
  agentAction: (id: string, verb: "pause" | "resume" | "drain" | "archive" | "rotate" | "edit") =>
    `/agents/${id}/${verb}`,
  suggestions: (query?: Query) => withQuery("/suggestions", query),
  suggestionAction: (id: string, verb: "approve" | "reject" | "request-changes") => `/suggestions/${id}/${verb}`,
  approveMany: () => "/suggestions/approve-many",
  comments: () => "/comments",
  commentAction: (id: string, verb: "edit" | "remove" | "resolve") => `/comments/${id}/${verb}`,
  audit: (query?: Query) => withQuery("/audit", query),
  settings: () => "/settings",
  userAction: (id: string, verb: "role" | "disable" | "enable" | "link") => `/settings/users/${id}/${verb}`,
  /** `lost`: what was sent was not saved, as the session had ended. */
  login: (query?: { to?: string | undefined; lost?: boolean }) => withQuery("/login", query),
  logout: () => "/logout",
  setup: () => "/setup",
  theme: () => "/theme",
};

function withQuery(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(name, String(value));
  }
  return search.size > 0 ? `${path}?${search}` : path;
}
