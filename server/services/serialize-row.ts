import superjson, { type SuperJSONResult } from "superjson";

/**
 * What `superjson.serialize` answers for a database row, at a tenth of its cost: times at the top, plain JSON below.
 * Anything else is left to superjson itself.
 */
export function serializeRow(row: unknown): SuperJSONResult {
  if (!isPlainObject(row)) return superjson.serialize(row);
  const json: Record<string, unknown> = {};
  const values: Record<string, ["Date"]> = {};
  let hasTimes = false;
  for (const name of Object.keys(row)) {
    const value = row[name];
    if (value instanceof Date && !Number.isNaN(value.getTime()) && !/[.\\]/.test(name)) {
      json[name] = value.toISOString();
      values[name] = ["Date"];
      hasTimes = true;
    } else if (isJson(value)) json[name] = value;
    else return superjson.serialize(row);
  }
  // The type of superjson's own JSON is narrower than what was just checked by hand.
  return { json, ...(hasTimes && { meta: { values, v: 1 } }) } as SuperJSONResult;
}

function isJson(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== "object") return typeof value === "string" || typeof value === "boolean";
  if (Array.isArray(value)) return value.every(isJson);
  return isPlainObject(value) && Object.values(value).every(isJson);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
