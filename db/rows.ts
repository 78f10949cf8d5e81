const names = new Map<string, string>();

/** A row of a raw statement under the names of the Drizzle table: `created_at` → `createdAt`. */
export function camelCased<Row>(row: object): Row {
  const named: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) named[fieldName(column)] = value;
  // The caller names the table whose columns these are.
  return named as Row;
}

function fieldName(column: string): string {
  let name = names.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    names.set(column, name);
  }
  return name;
}
