export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export function cookieOf(request: Request, name: string): string | null {
  for (const part of (request.headers.get("Cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return decoded(value.join("="));
  }
  return null;
}

export function readTheme(request: Request): Theme {
  const value = cookieOf(request, "theme");
  return themes.find((theme) => theme === value) ?? "system";
}

export const themeHeader = (theme: Theme) => `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;

/** A cookie that somebody else's software wrote may be no valid encoding. */
function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
