/**
 * When a task that may be claimed from this moment on, or from the end of its back-off, has waited too long: SQL over the
 * columns of `tasks t`, null without a limit. A wait begins anew whenever the task becomes claimable, so neither what it
 * depends on nor a pause of its workflow uses the time up.
 */
export const queueExpiry = "greatest(now(), t.queue_after) + make_interval(secs => t.queue_ttl_seconds)";
