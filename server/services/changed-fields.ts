import type { AuditChanges } from "../../db/schema/index.ts";

/** Change with every write and say nothing by themselves. */
const bookkeeping = new Set(["updatedAt", "revision", "taskCounts", "leaseToken", "content"]);

/** The fields that differ between two rows, with their values before and after; all fields of a row that is new or gone. */
export function changedFields(before: object | null, after: object | null): AuditChanges {
  const old = Object.entries(before ?? {});
  const current = new Map(Object.entries(after ?? {}));
  const names = new Set([...old.map(([name]) => name), ...current.keys()]);
  const was = new Map(old);
  const changes: AuditChanges = {};
  for (const name of names) {
    if (bookkeeping.has(name)) continue;
    const [a, b] = [was.get(name) ?? null, current.get(name) ?? null];
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    changes[name] = { ...(before && { before: a }), ...(after && { after: b }) };
  }
  return changes;
}
