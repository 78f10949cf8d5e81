import { readSuggestion, suggestionId } from "../../services/suggestions/by-id.ts";
import { createSuggestion, createSuggestionInput } from "../../services/suggestions/create.ts";
import {
  approveInput,
  approveSuggestion,
  rejectInput,
  rejectSuggestion,
  requestChanges,
  requestChangesInput,
} from "../../services/suggestions/decide.ts";
import { listSuggestions, listSuggestionsInput } from "../../services/suggestions/list.ts";
import { countPendingSuggestions } from "../../services/suggestions/pending-count.ts";
import { waitForDecision, waitInput } from "../../services/suggestions/wait.ts";
import { withdrawSuggestion } from "../../services/suggestions/withdraw.ts";
import { forAgents, forMembers, forOperators, router } from "../trpc.ts";

export const suggestionsRouter = router({
  list: forMembers.input(listSuggestionsInput).query(({ ctx, input }) => listSuggestions(ctx, input)),
  byId: forMembers.input(suggestionId).query(({ ctx, input }) => readSuggestion(ctx, input)),
  pendingCount: forMembers.query(({ ctx }) => countPendingSuggestions(ctx)),
  create: forAgents.input(createSuggestionInput).mutation(({ ctx, input }) => createSuggestion(ctx, input)),
  withdraw: forAgents.input(suggestionId).mutation(({ ctx, input }) => withdrawSuggestion(ctx, input)),
  wait: forAgents.input(waitInput).mutation(({ ctx, input, signal }) => waitForDecision(ctx, input, signal)),
  approve: forOperators.input(approveInput).mutation(({ ctx, input }) => approveSuggestion(ctx, input)),
  reject: forOperators.input(rejectInput).mutation(({ ctx, input }) => rejectSuggestion(ctx, input)),
  requestChanges: forOperators.input(requestChangesInput).mutation(({ ctx, input }) => requestChanges(ctx, input)),
});
