/**
 * Shares answers: of those who ask the same at the same time, the first is answered at once and all others by one second
 * look, which begins after they asked. At most `inFlight` looks run at a time.
 */
export function shared<Answer>(look: (question: string) => Promise<Answer>, inFlight: number) {
  const running = new Map<string, Promise<Answer>>();
  const next = new Map<string, Promise<Answer>>();
  const queue: (() => void)[] = [];
  let free = inFlight;

  async function start(question: string): Promise<Answer> {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => queue.push(resolve));
    // Whoever asks from here on may have seen what this look does not.
    next.delete(question);
    const answer = look(question).finally(() => {
      running.delete(question);
      const waiting = queue.shift();
      if (waiting) waiting();
      else free++;
    });
    running.set(question, answer);
    return answer;
  }

  return (question: string): Promise<Answer> => {
    let answer = next.get(question);
    if (!answer) {
      const before = running.get(question);
      answer = before
        ? before.then(
            () => start(question),
            () => start(question),
          )
        : start(question);
      if (before || !running.has(question)) next.set(question, answer);
    }
    return answer;
  };
}
