import { agentId, readAgent, readMe } from "../../services/agents/by-id.ts";
import { listAgents, listAgentsInput } from "../../services/agents/list.ts";
import { forAgents, forMembers, router } from "../trpc.ts";

export const agentsRouter = router({
  list: forMembers.input(listAgentsInput).query(({ ctx, input }) => listAgents(ctx, input)),
  byId: forMembers.input(agentId).query(({ ctx, input }) => readAgent(ctx, input)),
  me: forAgents.query(({ ctx }) => readMe(ctx)),
});
