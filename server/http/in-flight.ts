import { serverStops } from "../services/work-signal.ts";

/** The requests under way, so that stopping can end those that only wait. */
export class InFlight {
  isDraining = false;
  #waiting = new Set<AbortController>();

  /** `signal` aborts when the client leaves or the server stops; `after` counts the request as done when its body is sent. */
  enter(client: AbortSignal): { signal: AbortSignal; after: (response: Response) => Response } {
    const controller = new AbortController();
    this.#waiting.add(controller);
    const abort = () => controller.abort();
    client.addEventListener("abort", abort, { once: true });
    const leave = () => {
      client.removeEventListener("abort", abort);
      this.#waiting.delete(controller);
    };
    return { signal: controller.signal, after: (response) => whenSent(response, client, leave) };
  }

  /** Ends the long polls and streams that there are now. */
  drain(): void {
    this.isDraining = true;
    for (const controller of this.#waiting) controller.abort(serverStops);
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
