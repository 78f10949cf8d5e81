import { readSuggestion, suggestionId } from "../../services/suggestions/by-id.ts";
import { listSuggestions, listSuggestionsInput } from "../../services/suggestions/list.ts";
import { countPendingSuggestions } from "../../services/suggestions/pending-count.ts";
import { forMembers, router } from "../trpc.ts";

export const suggestionsRouter = router({
  list: forMembers.input(listSuggestionsInput).query(({ ctx, input }) => listSuggestions(ctx, input)),
  byId: forMembers.input(suggestionId).query(({ ctx, input }) => readSuggestion(ctx, input)),
  pendingCount: forMembers.query(({ ctx }) => countPendingSuggestions(ctx)),
});
