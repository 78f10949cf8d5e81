import { listAudit, listAuditInput } from "../../services/audit/list.ts";
import { verifyAuditInput, verifyAuditLog } from "../../services/audit/verify.ts";
import { forMembers, forViewers, router } from "../trpc.ts";

export const auditRouter = router({
  list: forMembers.input(listAuditInput).query(({ ctx, input }) => listAudit(ctx, input)),
  verify: forViewers.input(verifyAuditInput).query(({ ctx, input }) => verifyAuditLog(ctx, input)),
});
