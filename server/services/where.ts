/**
 * A WHERE that names only what was asked for, so that each combination of filters is a statement of its own with a plan
 * of its own.
 */
export class Where {
  readonly params: unknown[] = [];
  readonly #conditions: string[] = [];

  /** Adds a condition that has no values of its own. */
  add(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }

  /** Adds a condition on a value, unless the value is absent; `$` in it stands for the value. */
  on(value: unknown, condition: string): this {
    if (value === undefined || value === null || value === "") return this;
    this.#conditions.push(condition.replaceAll("$", this.param(value)));
    return this;
  }

  /** A placeholder for the value, for use in the rest of the statement. */
  param(value: unknown): string {
    this.params.push(value);
    return `$${this.params.length}`;
  }

  get sql(): string {
    return this.#conditions.length > 0 ? this.#conditions.join(" and ") : "true";
  }
}

/** A pattern for ILIKE that finds the text anywhere; the text's own wildcards stand for themselves. */
export const containing = (text: string) => `%${text.replace(/[\\%_]/g, "\\$&")}%`;

/** Words of a closed set as SQL. */
export const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(", ");
