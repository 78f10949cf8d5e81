import { Link } from "@remix-run/react";
import type { AuditEntry } from "~/lib/api-types.ts";
import { EventLine } from "./EventLine.tsx";

/** The newest of a thing's audit log, and the way to the rest. */
export function History({
  entries,
  allTo,
  isItsOwnPage = true,
}: {
  entries: AuditEntry[];
  allTo: string;
  isItsOwnPage?: boolean;
}) {
  if (entries.length === 0) return <p className="text-sm text-muted">Nothing has happened yet.</p>;
  return (
    <>
      <ol className="flex flex-col gap-2">
        {entries.map((entry) => (
          <li key={entry.seq}>
            <EventLine entry={entry} isItsOwnPage={isItsOwnPage} />
          </li>
        ))}
      </ol>
      <p className="mt-2 text-sm">
        <Link to={allTo} className="inline-flex min-h-6 items-center text-accent underline underline-offset-2">
          All in the audit
        </Link>
      </p>
    </>
  );
}
