const RealDate = Date;
let errorMs = 0;

/** The process's clock as servers and agents see it; what they do must not depend on it. */
const WrongDate = new Proxy(RealDate, {
  construct: (target, args: []) => (args.length > 0 ? new target(...args) : new target(target.now() + errorMs)),
  get: (target, name) => (name === "now" ? () => target.now() + errorMs : Reflect.get(target, name)),
});

export function setClockError(ms: number): void {
  errorMs = ms;
  globalThis.Date = ms === 0 ? RealDate : WrongDate;
}

/** Milliseconds by a clock that nobody sets. */
export const trueNow = () => RealDate.now();
