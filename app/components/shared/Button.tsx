import { Link, type LinkProps } from "@remix-run/react";
import type { ButtonHTMLAttributes } from "react";

const base =
  "inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium whitespace-nowrap transition-colors touch:h-11";

const kinds = {
  main: "bg-accent text-on-accent hover:bg-accent-hover",
  plain: "border border-edge bg-surface hover:bg-hover",
  quiet: "text-muted hover:bg-hover hover:text-text",
  danger: "border border-edge bg-surface text-failed hover:bg-failed-soft",
  dangerLast: "bg-failed text-canvas hover:opacity-90",
};

export type ButtonKind = keyof typeof kinds;

/** While pending it stays focusable and says its verb in the present; a second press is ignored by its form. */
export function Button({
  kind = "plain",
  isPending = false,
  pendingWord,
  children,
  className = "",
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { kind?: ButtonKind; isPending?: boolean; pendingWord?: string }) {
  return (
    <button
      type="submit"
      aria-disabled={isPending || undefined}
      className={`${base} ${kinds[kind]} ${isPending ? "opacity-80" : ""} disabled:border disabled:border-line disabled:bg-well disabled:text-muted ${className}`}
      {...rest}
    >
      {isPending && pendingWord ? pendingWord : children}
    </button>
  );
}

export function ButtonLink({
  kind = "plain",
  className = "",
  ...rest
}: LinkProps & { kind?: ButtonKind; className?: string }) {
  return <Link className={`${base} ${kinds[kind]} ${className}`} {...rest} />;
}

/** A key to press; `isOnButton` takes the button's own colours. */
export function Kbd({ children, isOnButton = false }: { children: string; isOnButton?: boolean }) {
  const colours = isOnButton ? "border-current opacity-80" : "border-line-strong bg-surface text-muted";
  return (
    <kbd
      className={`inline-grid h-4.5 min-w-4.5 place-items-center rounded-xs border px-1 font-sans text-2xs ${colours}`}
    >
      {children}
    </kbd>
  );
}
