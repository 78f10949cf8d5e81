import { Overloaded } from "./errors.ts";

/** At once, in one process: the last of so many waits for a second or two; behind more of them callers would give up while they wait. */
const atMost = 1000;

/** The calls under way, of which there may not be more than can be answered in time. */
export class Calls {
  underWay = 0;
  refused = 0;

  /** Throws `Overloaded` in place of adding to what waits. */
  async run<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.underWay >= atMost) {
      this.refused++;
      throw new Overloaded();
    }
    this.underWay++;
    try {
      return await work();
    } finally {
      this.underWay--;
    }
  }
}
