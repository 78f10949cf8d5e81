const names = new Map<string, string>();

/** A row of a raw statement under the names of the Drizzle table: `created_at` → `createdAt`. */
export function camelCased<Row>(row: object): Row {
  const entries = Object.entries(row).map(([column, value]) => [fieldName(column), value]);
  return Object.fromEntries(entries) as Row;
}

function fieldName(column: string): string {
  let name = names.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    names.set(column, name);
  }
  return name;
}
