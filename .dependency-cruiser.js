/** The one direction of docs/architecture.md as rules: app → types of server; trpc → services → db; nothing points back. */
const runtimeOnly = { dependencyTypesNot: ["type-only"] };

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "app-takes-only-types-from-the-server",
      severity: "error",
      from: { path: "^app/" },
      to: { path: "^(server|client|demo|scripts)/", ...runtimeOnly },
    },
    {
      name: "app-takes-only-enums-from-db",
      severity: "error",
      from: { path: "^app/" },
      to: { path: "^db/(?!enums\\.ts$)", ...runtimeOnly },
    },
    {
      name: "server-never-imports-app",
      severity: "error",
      from: { path: "^server/" },
      to: { path: "^(app|demo|scripts)/" },
    },
    {
      name: "trpc-never-touches-the-database",
      severity: "error",
      from: { path: "^server/trpc/", pathNot: "\\.test\\.ts$" },
      to: { path: "(^db/(?!enums\\.ts$))|node_modules/(drizzle-orm|postgres|@electric-sql)/", ...runtimeOnly },
    },
    {
      name: "services-never-touch-trpc-or-http",
      severity: "error",
      from: { path: "^server/services/", pathNot: "\\.test\\.ts$" },
      to: { path: "^server/(trpc|http|workers|auth)/" },
    },
    {
      name: "realtime-rests-on-db-alone",
      severity: "error",
      from: { path: "^server/realtime/", pathNot: "\\.test\\.ts$" },
      to: { path: "^server/(services|trpc|http|workers)/", ...runtimeOnly },
    },
    {
      name: "db-is-the-ground",
      severity: "error",
      from: { path: "^db/" },
      to: { path: "^(app|server|client|demo|scripts)/" },
    },
    {
      name: "client-takes-only-types-from-the-server",
      severity: "error",
      from: { path: "^client/", pathNot: "\\.test\\.ts$|testing\\.ts$" },
      to: { path: "^(server|db|app|demo|scripts)/", ...runtimeOnly },
    },
    {
      name: "sample-agents-use-only-the-client",
      severity: "error",
      from: { path: "^demo/agents/" },
      to: { path: "^(server|db|app|scripts)/", ...runtimeOnly },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
