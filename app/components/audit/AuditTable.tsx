import { Link } from "@remix-run/react";
import { Actor } from "~/components/shared/Actor.tsx";
import { ExactTime, TimeZoneName } from "~/components/shared/ExactTime.tsx";
import { Icon } from "~/components/shared/Icon.tsx";
import { Table, Td, Th } from "~/components/shared/Table.tsx";
import type { AuditEntry } from "~/lib/api-types.ts";
import { fieldName, plural, words } from "~/lib/format.ts";
import { paths } from "~/paths.ts";

export function AuditTable({ entries }: { entries: AuditEntry[] }) {
  return (
    <Table
      label="Changes"
      head={
        <>
          <Th>
            <TimeZoneName />
          </Th>
          <Th>Who</Th>
          <Th>Did what</Th>
          <Th>Changed</Th>
          <Th isNumber>Row, request</Th>
        </>
      }
    >
      {entries.map((entry) => (
        <tr key={entry.seq}>
          <Td className="font-mono text-xs whitespace-nowrap text-muted">
            <ExactTime at={entry.createdAt} />
          </Td>
          <Td className="max-w-48">
            <ActorLink entry={entry} />
          </Td>
          <Td className="min-w-40">
            {words(entry.action).toLowerCase()} {entry.entityType}
            {entry.entityLabel && entry.entityId ? (
              <Link
                to={paths.audit({ entityType: entry.entityType, entityId: entry.entityId })}
                className="block break-words text-muted hover:underline"
                title="All changes of this one"
              >
                {entry.entityLabel}
              </Link>
            ) : null}
            {entry.reason ? <span className="block break-words text-muted">{entry.reason}</span> : null}
          </Td>
          <Td className="min-w-56 text-xs">
            <Changes changes={entry.changes} isNew={entry.action === "created"} />
          </Td>
          <Td isNumber className="font-mono text-xs text-muted">
            {entry.seq}
            {entry.requestId ? (
              <span className="block max-w-24 truncate" title={entry.requestId}>
                {entry.requestId}
              </span>
            ) : null}
          </Td>
        </tr>
      ))}
    </Table>
  );
}

function ActorLink({ entry }: { entry: AuditEntry }) {
  const actor = <Actor type={entry.actorType} name={entry.actorName} />;
  if (!entry.actorId) return actor;
  return (
    <Link to={paths.audit({ actorId: entry.actorId })} className="hover:underline" title="All changes by this one">
      {actor}
    </Link>
  );
}

const shownAtOnce = 3;

function Changes({ changes, isNew }: { changes: AuditEntry["changes"]; isNew: boolean }) {
  const all = Object.entries(changes).filter(([, { before, after }]) => !isNew || (after ?? before) !== null);
  // What people read first; ids and machines' times behind it.
  const isPlain = (name: string) => !/(Id|At|^position|^queueRank)$/.test(name);
  const sorted = [...all.filter(([name]) => isPlain(name)), ...all.filter(([name]) => !isPlain(name))];
  const atOnce = isNew ? [] : sorted.slice(0, shownAtOnce);
  const rest = sorted.slice(atOnce.length);
  const toRow = ([name, change]: (typeof all)[number]) => <Change key={name} name={name} change={change} />;
  return (
    <>
      <ul className="flex flex-col gap-0.5">{atOnce.map(toRow)}</ul>
      {rest.length > 0 ? (
        <details>
          <summary className="inline-flex min-h-6 items-center text-muted underline decoration-dotted underline-offset-2 touch:min-h-11">
            {plural(rest.length, "field")}
            {atOnce.length > 0 ? " more" : ""}
          </summary>
          <ul className="mt-1 flex flex-col gap-0.5">{rest.map(toRow)}</ul>
        </details>
      ) : null}
    </>
  );
}

function Change({ name, change }: { name: string; change: AuditEntry["changes"][string] }) {
  const hasBefore = "before" in change && change.before !== null;
  return (
    <li className="flex flex-wrap items-baseline gap-x-1.5">
      <span className="text-muted">{fieldName(name)}</span>
      {hasBefore ? <del className="break-all text-muted">{shortOf(change.before)}</del> : null}
      {hasBefore ? <Icon name="arrow" className="size-3! self-center text-muted" /> : null}
      <ins className="break-all no-underline">{"after" in change ? shortOf(change.after) : "gone"}</ins>
    </li>
  );
}

function shortOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text || "“”";
}
