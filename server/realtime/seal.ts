import { createHmac, timingSafeEqual } from "node:crypto";

/** Proves that a message was written by an instance that knows the secret, for this channel. */
export interface Seal {
  seal(body: string): string;
  /** The body; undefined when somebody else wrote it, or changed it. */
  open(message: string): string | undefined;
}

/** The code stands on a line of its own before the body, so that nobody has to parse what is not proven yet. */
export function sealOf(secret: string, channel: string): Seal {
  const key = createHmac("sha256", secret).update(`live events on ${channel}`).digest();
  const codeOf = (body: string) => createHmac("sha256", key).update(body).digest("base64");
  return {
    seal: (body) => `${codeOf(body)}\n${body}`,
    open(message) {
      const end = message.indexOf("\n");
      const code = Buffer.from(message.slice(0, Math.max(end, 0)));
      const body = message.slice(end + 1);
      const expected = Buffer.from(codeOf(body));
      return code.length === expected.length && timingSafeEqual(code, expected) ? body : undefined;
    },
  };
}
