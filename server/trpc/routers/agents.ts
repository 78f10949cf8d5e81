import { archiveAgent, archiveAgentInput } from "../../services/agents/archive.ts";
import { agentId, readAgent, readMe } from "../../services/agents/by-id.ts";
import { createAgent, createAgentInput } from "../../services/agents/create.ts";
import { heartbeat, heartbeatInput } from "../../services/agents/heartbeat.ts";
import { listAgents, listAgentsInput } from "../../services/agents/list.ts";
import { agentMetricsInput, readAgentMetrics } from "../../services/agents/metrics.ts";
import { agentRunsInput, listAgentRuns } from "../../services/agents/runs.ts";
import { drainAgent, pauseAgent, resumeAgent } from "../../services/agents/steer.ts";
import { listTokens, rotateToken, rotateTokenInput } from "../../services/agents/tokens.ts";
import { updateAgent, updateAgentInput } from "../../services/agents/update.ts";
import { forAdmins, forAgents, forMembers, router } from "../trpc.ts";

export const agentsRouter = router({
  list: forMembers.input(listAgentsInput).query(({ ctx, input }) => listAgents(ctx, input)),
  byId: forMembers.input(agentId).query(({ ctx, input }) => readAgent(ctx, input)),
  metrics: forMembers.input(agentMetricsInput).query(({ ctx, input }) => readAgentMetrics(ctx, input)),
  runs: forMembers.input(agentRunsInput).query(({ ctx, input }) => listAgentRuns(ctx, input)),
  tokens: forAdmins.input(agentId).query(({ ctx, input }) => listTokens(ctx, input)),
  create: forAdmins.input(createAgentInput).mutation(({ ctx, input }) => createAgent(ctx, input)),
  update: forAdmins.input(updateAgentInput).mutation(({ ctx, input }) => updateAgent(ctx, input)),
  pause: forAdmins.input(agentId).mutation(({ ctx, input }) => pauseAgent(ctx, input)),
  resume: forAdmins.input(agentId).mutation(({ ctx, input }) => resumeAgent(ctx, input)),
  drain: forAdmins.input(agentId).mutation(({ ctx, input }) => drainAgent(ctx, input)),
  rotateToken: forAdmins.input(rotateTokenInput).mutation(({ ctx, input }) => rotateToken(ctx, input)),
  archive: forAdmins.input(archiveAgentInput).mutation(({ ctx, input }) => archiveAgent(ctx, input)),
  heartbeat: forAgents.input(heartbeatInput).mutation(({ ctx, input }) => heartbeat(ctx, input)),
  me: forAgents.query(({ ctx }) => readMe(ctx)),
});
