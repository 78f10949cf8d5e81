/** Resolves with the first truthy answer; asks again every few milliseconds, and fails with `what` after `seconds`. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false | null> | Answer | undefined | false | null,
  seconds = 20,
  everyMs = 20,
): Promise<Answer> {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer) return answer;
    await Bun.sleep(everyMs);
  }
  throw new NotInTime(what, seconds);
}

export class NotInTime extends Error {
  constructor(what: string, seconds: number) {
    super(`This did not come about within ${seconds} s: ${what}`);
  }
}
