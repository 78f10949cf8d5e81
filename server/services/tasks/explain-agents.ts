import type { AgentFacts, Facts } from "./explain-facts.ts";
import type { Reason } from "./reason.ts";

/** Why no agent takes a task that is otherwise free to go; nothing when one can. */
export function explainAgents({ task, agents }: Facts): Reason[] {
  const needs = task.requiredCapabilities;
  if (task.assignedAgentId) {
    const assigned = agents.find((agent) => agent.id === task.assignedAgentId);
    return assigned ? explainAssigned(assigned, needs) : [];
  }
  const capable = agents.filter((agent) => lacks(agent, needs).length === 0);
  const online = capable.filter((agent) => agent.status !== "offline");
  const accepting = online.filter((agent) => agent.desiredState === "active");
  if (accepting.some((agent) => agent.liveRuns < agent.maxConcurrent)) return [];

  const data = {
    capabilities: needs,
    agents: capable.slice(0, 20).map(({ id, name, status }) => ({ id, name, status })),
  };
  if (capable.length === 0) return [{ code: "no_capable_agent", sentence: nobodyCan(needs), data }];
  if (online.length === 0) return [{ code: "agents_offline", sentence: allOffline(capable, needs), data }];
  const among = {
    busy: accepting.length,
    stopped: online.length - accepting.length,
    offline: capable.length - online.length,
  };
  if (accepting.length === 0) return [{ code: "agents_not_accepting", sentence: `${whoCan(capable, among)}.`, data }];
  return [{ code: "agents_busy", sentence: `${whoCan(capable, among)}. It is taken when one is free.`, data }];
}

function explainAssigned(agent: AgentFacts, needs: string[]): Reason[] {
  const missing = lacks(agent, needs);
  const trouble = troubleOf(agent, missing);
  if (!trouble) return [];
  const { id, name, status, desiredState, lastSeen } = agent;
  const data = { agentId: id, agentName: name, status, desiredState, lastSeen, missing };
  return [{ code: "assigned_agent", sentence: `It is kept for ${name}, which ${trouble}`, data }];
}

function troubleOf(agent: AgentFacts, missing: string[]): string | null {
  if (agent.archivedAt) return "is archived. Assign another agent.";
  if (missing.length > 0) return `lacks the ${capabilities(missing)}. Assign another agent.`;
  if (agent.status === "offline") return "is offline.";
  if (agent.desiredState !== "active") return `is ${agent.desiredState}.`;
  if (agent.liveRuns >= agent.maxConcurrent) return `is busy, ${agent.liveRuns} of ${agent.maxConcurrent}.`;
  return null;
}

function nobodyCan(needs: string[]): string {
  if (needs.length === 0) return "No agent is registered. Connect one.";
  return `No agent has the ${capabilities(needs)}. Connect one, or change what the task needs.`;
}

function allOffline(capable: AgentFacts[], needs: string[]): string {
  if (needs.length === 0) return "No agent is online.";
  const [first, ...others] = capable;
  const who =
    others.length === 0 ? `${first?.name} has it, but is offline.` : `${capable.length} agents have it, all offline.`;
  return `No online agent has the ${capabilities(needs)}. ${who}`;
}

/** Of all that can do it: what the only one is, what all are, or how many are what. */
function whoCan(capable: AgentFacts[], among: { busy: number; stopped: number; offline: number }): string {
  const groups = [
    { n: among.busy, word: "busy" },
    { n: among.stopped, word: "paused or draining" },
    { n: among.offline, word: "offline" },
  ].filter(({ n }) => n > 0);
  const [only, another] = groups;
  if (only && !another) {
    return capable.length === 1
      ? `${capable[0]?.name}, the only agent that can do it, is ${only.word}`
      : `All ${capable.length} agents that can do it are ${only.word}`;
  }
  const counts = groups.map(({ n, word }) => `${n} ${n === 1 ? "is" : "are"} ${word}`);
  return `Of ${capable.length} agents that can do it, ${listed(counts)}`;
}

const lacks = (agent: AgentFacts, needs: string[]) => needs.filter((need) => !agent.capabilities.includes(need));

const capabilities = (words: string[]) =>
  words.length === 1 ? `capability ${words[0]}` : `capabilities ${listed(words)}`;

const listed = (words: string[]) =>
  words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
