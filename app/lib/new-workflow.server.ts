/**
 * The form of a new workflow as the procedure takes it: rows without a name are left out, every row gets a key, and
 * "waits for 1, 2" becomes the keys of those rows.
 */
export function workflowFields(form: FormData): FormData {
  const fields = new FormData();
  for (const [name, value] of form) if (!name.startsWith("tasks[") && name !== "rows") fields.append(name, value);
  rowsOf(form).forEach(({ at, row }, index) => {
    fields.set(`tasks[${index}].key`, String(at + 1));
    for (const [name, value] of row) if (name !== "waitsFor") fields.set(`tasks[${index}].${name}`, value);
    const keys = (row.get("waitsFor") ?? "").split(/[\s,]+/).filter(Boolean);
    keys.forEach((key, i) => {
      fields.set(`tasks[${index}].dependsOn[${i}]`, key);
    });
  });
  return fields;
}

/** Errors name the rows that were sent; the page shows them at the rows that were typed. */
export function errorsAtRows(form: FormData, errors: Record<string, string[]>): Record<string, string[]> {
  const rows = rowsOf(form);
  const typed = (field: string) =>
    field.replace(/^tasks\[(\d+)\]/, (_, index: string) => `tasks[${rows[Number(index)]?.at ?? index}]`);
  return Object.fromEntries(Object.entries(errors).map(([field, messages]) => [typed(field), messages]));
}

function rowsOf(form: FormData): { at: number; row: Map<string, string> }[] {
  const rows: Map<string, string>[] = [];
  for (const [field, value] of form) {
    const [, at, name] = /^tasks\[(\d{1,3})\]\.(\w+)$/.exec(field) ?? [];
    if (at === undefined || name === undefined) continue;
    const row = rows[Number(at)] ?? new Map<string, string>();
    rows[Number(at)] = row.set(name, String(value));
  }
  return rows.map((row, at) => ({ at, row })).filter(({ row }) => row?.get("name")?.trim());
}
