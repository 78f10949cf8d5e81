import { TooMany } from "../services/errors.ts";

const windowMs = 15 * 60 * 1000;
/** Failures within the window. Per address and network, so that nobody can lock somebody else out for good. */
const allowed = { pair: 10, network: 50, address: 100 };

/** Counts failed sign-ins in this process and refuses more of them for a while. */
export class Attempts {
  #failures = new Map<string, { count: number; until: number }>();

  constructor(readonly now: () => number = () => performance.now()) {}

  /** Throws `TooMany` while one of the limits is reached. */
  check(address: string, ip: string): void {
    for (const [kind, key] of keysOf(address, ip)) {
      const known = this.#failures.get(key);
      if (!known || known.until <= this.now() || known.count < allowed[kind]) continue;
      const seconds = Math.ceil((known.until - this.now()) / 1000);
      const wait = seconds > 90 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
      throw new TooMany(`Too many failed sign-ins. Try again in ${wait}.`, seconds);
    }
  }

  failed(address: string, ip: string): void {
    if (this.#failures.size > 50_000) this.#forgetOld();
    for (const [, key] of keysOf(address, ip)) {
      const known = this.#failures.get(key);
      if (known && known.until > this.now()) known.count += 1;
      else this.#failures.set(key, { count: 1, until: this.now() + windowMs });
    }
  }

  succeeded(address: string, ip: string): void {
    const [[, pair]] = keysOf(address, ip);
    this.#failures.delete(pair);
  }

  #forgetOld(): void {
    for (const [key, { until }] of this.#failures) if (until <= this.now()) this.#failures.delete(key);
  }
}

function keysOf(address: string, ip: string) {
  // An IPv6 customer has a whole /64.
  const network = ip.includes(":") ? ip.split(":").slice(0, 4).join(":") : ip;
  const who = address.trim().toLowerCase().slice(0, 254);
  return [
    ["pair", `${who} ${network}`],
    ["network", network],
    ["address", who],
  ] as const;
}
