export interface Repeating {
  /** Lets the turn that is under way finish, and starts no other. */
  stop(): Promise<void>;
}

/** Does the work again and again with a pause between turns; a failed turn is reported and the next one comes all the same. */
export function every(seconds: number, work: () => Promise<unknown>, onError: (error: unknown) => void): Repeating {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn: Promise<void> = Promise.resolve();

  async function takeTurn() {
    try {
      await work();
    } catch (error) {
      onError(error);
    }
    if (!stopped) schedule();
  }
  function schedule() {
    timer = setTimeout(() => {
      turn = takeTurn();
    }, seconds * 1000);
  }
  schedule();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
