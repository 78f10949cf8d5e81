import { exactTime } from "./format.ts";

/** A sentence cut at its moments, which it writes as UTC: text and times in turn. */
export function cutAtTimes(sentence: string, times: readonly Date[]): (string | Date)[] {
  let parts: (string | Date)[] = [sentence];
  for (const time of times) {
    parts = parts.flatMap((part) => {
      if (part instanceof Date) return [part];
      return part.split(exactTime(time)).flatMap((text, i) => (i === 0 ? [text] : [time, text]));
    });
  }
  return parts.filter((part) => part !== "");
}

export const timesIn = (data: object): Date[] => Object.values(data).filter((value) => value instanceof Date);

/** When the first of these reasons is over by itself, so that what is shown should be read again. */
export function firstEnd(reasons: readonly ({ until?: Date | undefined } | null)[]): Date | undefined {
  const ends = reasons.flatMap((reason) => reason?.until ?? []);
  return ends.sort((a, b) => a.getTime() - b.getTime())[0];
}
