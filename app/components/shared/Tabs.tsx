import { Link } from "@remix-run/react";

export interface Tab {
  to: string;
  word: string;
  count?: number;
  isCurrent: boolean;
}

/** Links, so that the choice is in the address. */
export function Tabs({ label, tabs, className = "" }: { label: string; tabs: Tab[]; className?: string }) {
  return (
    <nav aria-label={label} className={className}>
      <ul className="flex border-b border-line text-sm max-md:text-xs">
        {tabs.map((tab) => (
          <li key={tab.to} className="min-w-0 max-md:flex-1">
            <Link
              to={tab.to}
              preventScrollReset
              aria-current={tab.isCurrent ? "page" : undefined}
              className="-mb-px flex h-9 items-center justify-center gap-1 border-b-2 border-transparent px-0.5 whitespace-nowrap text-muted hover:text-text aria-[current]:border-accent aria-[current]:font-semibold aria-[current]:text-text md:px-3 touch:h-11"
            >
              {tab.word}
              {tab.count === undefined ? null : <span className="font-normal text-muted">{tab.count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
