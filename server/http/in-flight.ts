import { serverStops } from "../services/work-signal.ts";

/** The requests under way, so that stopping can let them finish and end those that only wait. */
export class InFlight {
  isDraining = false;
  #waiting = new Set<AbortController>();
  #onEmpty = () => {};

  /** `signal` aborts when the client leaves or the server stops; `after` counts the request as done when its body is sent. */
  enter(client: AbortSignal): { signal: AbortSignal; after: (response: Response) => Response } {
    const controller = new AbortController();
    this.#waiting.add(controller);
    const abort = () => controller.abort();
    client.addEventListener("abort", abort, { once: true });
    if (this.isDraining) controller.abort(serverStops);
    const leave = () => {
      client.removeEventListener("abort", abort);
      this.#waiting.delete(controller);
      if (this.#waiting.size === 0) this.#onEmpty();
    };
    return { signal: controller.signal, after: (response) => whenSent(response, client, leave) };
  }

  /** Ends long polls and streams; resolves when nothing is under way, or after `ms`. */
  async drain(ms: number): Promise<void> {
    this.isDraining = true;
    for (const controller of this.#waiting) controller.abort(serverStops);
    if (this.#waiting.size === 0) return;
    await Promise.race([
      new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      }),
      Bun.sleep(ms),
    ]);
  }
}

const streamed = /^text\/(html|event-stream)/;

/** Pages and live streams are sent bit by bit: such a request is over when the last was taken or its reader has left. */
function whenSent(response: Response, client: AbortSignal, leave: () => void): Response {
  if (!response.body || !streamed.test(response.headers.get("Content-Type") ?? "")) {
    leave();
    return response;
  }
  client.addEventListener("abort", leave, { once: true });
  const body = response.body.pipeThrough(new TransformStream({ flush: leave }));
  return new Response(body, { status: response.status, headers: response.headers });
}
