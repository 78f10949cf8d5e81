import type { Config } from "../env.ts";

/** For every answer; the browser guesses nothing, embeds nothing and tells nobody where it was. */
export function setSecurityHeaders(headers: Headers, { publicUrl }: Pick<Config, "publicUrl">): void {
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "same-origin");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  if (publicUrl?.startsWith("https:")) headers.set("Strict-Transport-Security", "max-age=31536000");
}

/**
 * What a page may run: scripts that carry this response's nonce and what those load. Style attributes are allowed, as
 * drag and drop positions cards with them; style elements need the nonce.
 */
export function contentSecurityPolicy(nonce: string, { isDev = false } = {}): string {
  const rules = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
    isDev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src 'self'${isDev ? " ws: http:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return rules.join("; ");
}

export const newNonce = () => crypto.getRandomValues(new Uint8Array(16)).toBase64();
