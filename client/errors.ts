import { TRPCClientError } from "@trpc/client";

/** Thrown by a handler to say that another attempt is pointless: the task fails at once. */
export class NonRetryable extends Error {}

/** What was handed in is more than the factory takes in one call; it will be the same next time. */
export class TooBig extends NonRetryable {
  constructor() {
    super("The factory refused a call as too big. Keep a result to 1 MB and an artifact to 4 MB, or hand in a URL.");
  }
}

interface ErrorData {
  code?: string;
  httpStatus?: number;
  reason?: string;
  retryAfter?: number;
}

const dataOf = (error: unknown): ErrorData | undefined =>
  error instanceof TRPCClientError ? ((error.data as ErrorData | null) ?? undefined) : undefined;

/** The server's word that a lease is gone; its reason: lease_expired, other_holder or terminal. */
export function lostLease(error: unknown): string | undefined {
  const data = dataOf(error);
  const isGone = data?.code === "CONFLICT" && ["lease_expired", "other_holder", "terminal"].includes(data.reason ?? "");
  return isGone ? data?.reason : undefined;
}

/** Said by the server or by a proxy before it, which does not speak the API's language. */
export const isTooBig = (error: unknown): boolean =>
  error instanceof TRPCClientError && (error.meta?.response as Response | undefined)?.status === 413;

/** The server's word that the call itself is wrong. */
export const isRefused = (error: unknown): boolean => dataOf(error)?.code === "BAD_REQUEST";

/** The server does not know the token, or not any more. */
export const isUnknownAgent = (error: unknown): boolean => dataOf(error)?.code === "UNAUTHORIZED";

/** The server has not answered in time. */
export class NoAnswer extends Error {}

/** True when the same call may go through later: no answer, a fault or overload of the server, too many calls. */
export function isTransient(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof TRPCClientError)) return false;
  const data = dataOf(error);
  if (!data?.code) return true;
  return data.code === "TOO_MANY_REQUESTS" || (data.httpStatus ?? 0) >= 500;
}

/** Milliseconds that the server asks to wait before the next try. */
export const retryAfterMs = (error: unknown): number => (dataOf(error)?.retryAfter ?? 0) * 1000;
