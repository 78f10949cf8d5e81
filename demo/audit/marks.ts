export interface Mark {
  line: number;
  text: string;
}

/** A comment that begins with one of the words by which authors mark unfinished work. */
const mark = /(?:\/\/|\/\*|<!--|#|--)\s*((?:TODO|FIXME|HACK)\b.*)/;

/** Marks of unfinished work in a text, with their lines. */
export function findMarks(text: string): Mark[] {
  return text.split("\n").flatMap((line, i) => {
    const found = mark.exec(line)?.[1]?.trim();
    return found ? [{ line: i + 1, text: found.slice(0, 200) }] : [];
  });
}
