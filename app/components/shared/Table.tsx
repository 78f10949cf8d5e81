import type { ReactNode } from "react";

/** A table on its own ground; too wide for a phone, it scrolls sideways by itself. */
export function Table({ label, head, children }: { label: string; head: ReactNode; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative overflow-x-auto rounded-lg border border-line bg-surface"
    >
      <table className="w-full text-sm">
        <thead className="text-left text-xs text-muted">
          <tr className="border-b border-line">{head}</tr>
        </thead>
        <tbody className="[&>tr]:border-b [&>tr]:border-line [&>tr:last-child]:border-0 [&>tr:hover]:bg-hover">
          {children}
        </tbody>
      </table>
    </section>
  );
}

export function Th({ children, isNumber = false, title }: { children: ReactNode; isNumber?: boolean; title?: string }) {
  return (
    <th scope="col" className={`px-3 py-2 font-medium whitespace-nowrap ${isNumber ? "text-right" : ""}`}>
      {title ? (
        <abbr className="underline decoration-dotted underline-offset-2" title={title}>
          {children}
        </abbr>
      ) : (
        children
      )}
    </th>
  );
}

export function Td({
  children,
  isNumber = false,
  className = "",
}: {
  children: ReactNode;
  isNumber?: boolean;
  className?: string;
}) {
  return (
    <td className={`px-3 py-2 align-top ${isNumber ? "text-right whitespace-nowrap" : ""} ${className}`}>{children}</td>
  );
}
