import { AsyncLocalStorage } from "node:async_hooks";

type SubscriptionId = number | string;

const opening = new AsyncLocalStorage<SubscriptionId | undefined>();

/**
 * tRPC does not tell a procedure the id that its client gave the subscription. Whoever writes events past tRPC's handler
 * needs it, so it travels beside the call: the message is looked at before tRPC gets it.
 */
export function whileOpening(message: Buffer, work: () => void): void {
  opening.run(message.includes('"events.stream"') ? idOf(message) : undefined, work);
}

/** The id of the subscription that this call answers; undefined where it is not known. */
export const subscriptionId = (): SubscriptionId | undefined => opening.getStore();

/** Batches, and clients that want `jsonrpc` repeated, take the ordinary way. */
function idOf(message: Buffer): SubscriptionId | undefined {
  try {
    const { id, jsonrpc } = JSON.parse(message.toString());
    return jsonrpc === undefined && (typeof id === "number" || typeof id === "string") ? id : undefined;
  } catch {
    return undefined;
  }
}
