export { type ClientOptions, createClient, type FactoryClient } from "./create-client.ts";
export { NonRetryable } from "./errors.ts";
export { type Handler, handler } from "./handlers.ts";
export type { Artifact, Claim, Job, NewSuggestion, Suggestion } from "./job.ts";
export { type AgentOptions, runAgent } from "./run-agent.ts";
