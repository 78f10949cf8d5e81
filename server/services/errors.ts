/**
 * What a service throws when the state or the input does not allow what was asked. The tRPC layer maps each kind to its
 * code once; anything else that rises is a fault.
 */
export abstract class DomainError extends Error {}

export class NotFound extends DomainError {
  constructor(what: string) {
    super(`There is no such ${what}. It may have been deleted, or the address is mistyped.`);
  }
}

export type ConflictReason =
  | "stale_revision"
  | "lease_expired"
  | "other_holder"
  | "terminal"
  | "already_decided"
  | "invalid_transition"
  | "cycle"
  | "idempotency_mismatch"
  | "name_taken"
  | "has_live_run"
  | "not_running"
  | "last_admin";

/** The world has moved on. `data` says how, for people and for programs: who changed it, what it is now. */
export class Conflict extends DomainError {
  constructor(
    readonly reason: ConflictReason,
    message: string,
    readonly data: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export class Forbidden extends DomainError {}

/** Input that only the service could find wrong, by field. */
export class Invalid extends DomainError {
  constructor(readonly fieldErrors: Record<string, string[]>) {
    super(Object.values(fieldErrors).flat().join(" "));
  }
}

export class TooMany extends DomainError {
  constructor(
    message: string,
    /** Seconds. */
    readonly retryAfter: number,
  ) {
    super(message);
  }
}

/** Nothing is wrong with the call: the process has as much to do as it can answer in time. */
export class Overloaded extends TooMany {
  constructor() {
    super("The factory has more to do than it can keep up with, so nothing was done. Try again in a moment.", 1);
  }
}
