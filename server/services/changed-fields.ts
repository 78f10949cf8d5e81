import type { AuditChanges } from "../../db/schema/index.ts";

type Fields = Record<string, unknown>;

/** Change with every write and say nothing by themselves. */
export const bookkeeping = new Set(["updatedAt", "revision", "taskCounts", "leaseToken", "content"]);

/** The fields that differ between two rows, with their values before and after; all fields of a row that is new or gone. */
export function changedFields(before: object | null, after: object | null): AuditChanges {
  // A row's columns, whatever the row.
  const [old, current] = [(before ?? {}) as Fields, (after ?? {}) as Fields];
  const changes: AuditChanges = {};
  for (const name of Object.keys({ ...old, ...current })) {
    if (bookkeeping.has(name)) continue;
    const [a, b] = [old[name] ?? null, current[name] ?? null];
    if (isSame(a, b)) continue;
    changes[name] = { ...(before && { before: a }), ...(after && { after: b }) };
  }
  return changes;
}

const isSame = (a: unknown, b: unknown) =>
  a === b || ((typeof a === "object" || typeof b === "object") && JSON.stringify(a) === JSON.stringify(b));
