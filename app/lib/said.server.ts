import { cookieOf } from "./cookies.server.ts";

/** What the page after a change says about it, and how to take it back. Kept in a cookie for one page. */
export interface Said {
  text: string;
  detail?: string;
  undo?: { action: string; fields?: Record<string, string> };
}

const attributes = "Path=/; HttpOnly; SameSite=Lax";

export const sayHeader = (said: Said) => `said=${encodeURIComponent(JSON.stringify(said))}; Max-Age=60; ${attributes}`;
export const forgetHeader = `said=; Max-Age=0; ${attributes}`;

export function readSaid(request: Request): Said | null {
  const value = cookieOf(request, "said");
  if (!value) return null;
  try {
    const said = JSON.parse(value) as Partial<Said>;
    return typeof said.text === "string" ? { ...said, text: said.text } : null;
  } catch {
    return null;
  }
}
