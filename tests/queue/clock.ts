const RealDate = Date;
const realUUIDv7 = Bun.randomUUIDv7;
let errorMs = 0;

/** The process's clock as servers and agents see it; what they do must not depend on it. */
const WrongDate = new Proxy(RealDate, {
  construct: (target, args: []) => (args.length > 0 ? new target(...args) : new target(target.now() + errorMs)),
  get: (target, name) => (name === "now" ? () => target.now() + errorMs : Reflect.get(target, name)),
});

const wrongUUIDv7 = (() => realUUIDv7("hex", RealDate.now() + errorMs)) as typeof realUUIDv7;

export function setClockError(ms: number): void {
  errorMs = ms;
  globalThis.Date = ms === 0 ? RealDate : WrongDate;
  // Ids hold the time of the server that made them.
  Bun.randomUUIDv7 = ms === 0 ? realUUIDv7 : wrongUUIDv7;
}

/** Milliseconds by a clock that nobody sets. */
export const trueNow = () => RealDate.now();
