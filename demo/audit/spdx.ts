/** Whether an SPDX expression can be met with the allowed licences alone: OR leaves the choice, AND asks for all. */
export function isAllowed(expression: string, allowed: readonly string[]): boolean {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  const words = expression.match(/[()]|[^\s()]+/g) ?? [];
  let next = 0;

  const either = (): boolean => {
    let met = both();
    while (isWord("or")) met = both() || met;
    return met;
  };
  const both = (): boolean => {
    let met = one();
    while (isWord("and")) met = one() && met;
    return met;
  };
  const one = (): boolean => {
    const word = words[next++]?.toLowerCase();
    if (word !== "(") {
      // An exception (GPL-2.0 WITH …) makes another licence, which the list must name as a whole.
      const exception = isWord("with") ? ` with ${words[next++]?.toLowerCase()}` : "";
      return word !== undefined && names.has(word + exception);
    }
    const met = either();
    return words[next++] === ")" && met;
  };
  const isWord = (word: string): boolean => {
    const isNext = words[next]?.toLowerCase() === word;
    if (isNext) next++;
    return isNext;
  };

  const met = either();
  return met && next === words.length;
}
