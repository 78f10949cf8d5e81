/** Text that the factory can store: to `max` characters, without NUL, and with no half of a character at the cut. */
export const storable = (text: string, max: number): string =>
  text.slice(0, max).replaceAll("\u0000", "\uFFFD").toWellFormed();
