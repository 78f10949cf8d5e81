/**
 * The cursor names the log beside the number, so that a cursor from a database that was since restored or wiped is
 * told apart. Opaque to clients.
 */
export const cursorOf = (epoch: string, seq: number) => `${epoch}.${seq}`;

/** The number in a cursor of this log; undefined for any other text. */
export function seqOf(epoch: string, cursor: string): number | undefined {
  const [of, number, ...rest] = cursor.split(".");
  if (of !== epoch || rest.length > 0 || !/^\d{1,15}$/.test(number ?? "")) return undefined;
  return Number(number);
}
