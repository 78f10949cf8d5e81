const forbidden = new Set(["__proto__", "constructor", "prototype"]);
const deepest = 6;
const longestList = 1000;

type Nested = { [name: string]: unknown } | unknown[];

/**
 * A form's fields as the object that a procedure takes: `tasks[0].name` and `tasks.0.name` nest, a repeated name and
 * `labels[]` make lists. Values stay text (or files); the procedure's schema is the only parser, and it alone knows
 * whether an empty field was left out or takes a value away.
 */
export function nestedOf(form: FormData): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const parts = partsOf(name);
    if (!parts) continue;
    const values = form.getAll(name);
    put(root, parts, name.endsWith("[]") || values.length > 1 ? values : values[0]);
  }
  return root;
}

/** The text fields as they were sent, to fill the form again; never a password. */
export function textsOf(form: FormData): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of form) if (typeof value === "string" && !/password|token/i.test(name)) texts[name] = value;
  return texts;
}

/** The path in a field's name; undefined for a name that nests too deep or reaches for an object's insides. */
function partsOf(name: string): string[] | undefined {
  const parts = name
    .replace(/\[\]$/, "")
    .replace(/\[(\d+)\]/g, ".$1")
    .split(".");
  const isFine = parts.length <= deepest && parts.every((part) => part !== "" && !forbidden.has(part));
  return isFine ? parts : undefined;
}

function put(root: Nested, parts: string[], value: unknown): void {
  let at = root;
  for (const [i, part] of parts.entries()) {
    const isLast = i === parts.length - 1;
    const isIndex = Array.isArray(at);
    if (isIndex && !(Number(part) < longestList)) return;
    // A list is read by number, an object by name; either way the same assignment.
    const slots = at as Record<string, unknown>;
    if (isLast) slots[part] = value;
    else {
      const next = slots[part];
      const fresh = /^\d+$/.test(parts[i + 1] ?? "") ? [] : {};
      at = typeof next === "object" && next !== null ? (next as Nested) : fresh;
      slots[part] = at;
    }
  }
}
