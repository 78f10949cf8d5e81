import { retryDelayMs } from "./back-off.ts";

const triesAtMost = 5;
/** What a proxy says when no instance answers; an instance's own answer names itself. */
const noAnswer = new Set([502, 503, 504]);

/**
 * A `fetch` that asks again when nobody answered: an instance went away with the request, or the network did. Only what
 * may be asked twice: reads, and forms with an idempotency key, which the server takes in once however often they come.
 */
export function askAgain(ask: typeof fetch, delayMs = retryDelayMs): typeof fetch {
  const again = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    for (let attempt = 0; ; attempt++) {
      const isLast = attempt + 1 >= triesAtMost || !mayRepeat(input, init);
      try {
        const answer = await ask(input, init);
        if (isLast || !noAnswer.has(answer.status) || answer.headers.has("x-instance")) return answer;
      } catch (error) {
        if (isLast || init?.signal?.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, delayMs(attempt)));
    }
  };
  return Object.assign(again, ask);
}

/** A Request may carry a body that can be read only once; the pages send none. */
function mayRepeat(input: RequestInfo | URL, init?: RequestInit): boolean {
  if (input instanceof Request) return false;
  if (!init?.method || init.method.toUpperCase() === "GET") return true;
  const { body } = init;
  return (body instanceof URLSearchParams || body instanceof FormData) && Boolean(body.get("idempotencyKey"));
}
