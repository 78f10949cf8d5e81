import { listAudit, listAuditInput } from "../../services/audit/list.ts";
import { forMembers, router } from "../trpc.ts";

export const auditRouter = router({
  list: forMembers.input(listAuditInput).query(({ ctx, input }) => listAudit(ctx, input)),
});
