import { useFetcher, useLocation } from "@remix-run/react";
import { paths } from "~/paths.ts";
import { Icon, type IconName } from "./Icon.tsx";

const next = { system: "light", light: "dark", dark: "system" } as const;
const icons: Record<keyof typeof next, IconName> = { system: "contrast", light: "sun", dark: "moon" };

/** System, light, dark, and round again. A plain form: the answer sets the cookie. */
export function ThemeSwitch({ theme }: { theme: keyof typeof next }) {
  const fetcher = useFetcher();
  const { pathname, search } = useLocation();
  const word = `Theme: ${theme}. Switch to ${next[theme]}`;
  return (
    <fetcher.Form method="post" action={paths.theme()} className="flex">
      <input type="hidden" name="back" value={pathname + search} />
      <button
        type="submit"
        name="theme"
        value={next[theme]}
        title={word}
        className="grid size-6 place-items-center rounded-sm text-muted hover:text-text touch:size-11"
      >
        <Icon name={icons[theme]} />
        <span className="sr-only">{word}</span>
      </button>
    </fetcher.Form>
  );
}
