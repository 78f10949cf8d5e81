import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

export interface Crumb {
  to: string;
  word: string;
}

/** The one h1 of a page, what stands beside it and what can be done. */
export function PageHead({
  title,
  note,
  crumbs = [],
  here,
  actions,
}: {
  title: string;
  note?: ReactNode;
  crumbs?: Crumb[];
  here?: string;
  actions?: ReactNode;
}) {
  return (
    <div>
      {crumbs.length > 0 ? (
        <nav aria-label="Breadcrumb" className="text-xs text-muted">
          {crumbs.map((crumb, i) => (
            <span key={crumb.to}>
              {i > 0 ? " / " : ""}
              <Link to={crumb.to} className="inline-block py-1 hover:text-text">
                {crumb.word}
              </Link>
            </span>
          ))}
          {here ? (
            <>
              {" / "}
              <span className="font-mono">{here}</span>
            </>
          ) : null}
        </nav>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="min-w-0 text-xl font-semibold break-words">{title}</h1>
        {note ? <div className="min-w-0 text-sm text-muted">{note}</div> : null}
        {actions ? <div className="flex flex-wrap gap-2 md:ml-auto">{actions}</div> : null}
      </div>
    </div>
  );
}
