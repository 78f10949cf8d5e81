import type { Credential } from "../auth/still-good.ts";

export const mostPerPrincipal = 200;

/** A live stream over plain HTTP, while it is open. */
export interface HttpStream {
  credential: Credential;
  end(): void;
}

/** What stays open after its sender was let in: how many sockets and streams each has, and the streams over plain HTTP. */
export class OpenStreams {
  readonly overHttp = new Set<HttpStream>();
  #counts = new Map<string, number>();

  /** False when this is one too many; it counts all the same, until it is counted out. */
  countIn(principal: string): boolean {
    const count = (this.#counts.get(principal) ?? 0) + 1;
    this.#counts.set(principal, count);
    return count <= mostPerPrincipal;
  }

  countOut(principal: string): void {
    const left = (this.#counts.get(principal) ?? 1) - 1;
    if (left > 0) this.#counts.set(principal, left);
    else this.#counts.delete(principal);
  }
}
