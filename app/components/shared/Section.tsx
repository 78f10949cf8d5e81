import { type ReactNode, useId } from "react";

/** A headed part of a page. */
export function Section({
  title,
  note,
  aside,
  children,
  id,
}: {
  title: string;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  id?: string;
}) {
  const headingId = useId();
  return (
    <section id={id} aria-labelledby={headingId} className="min-w-0">
      <div className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
        <h2 id={headingId} className="text-sm font-semibold">
          {title}
        </h2>
        {note ? <span className="text-sm text-muted">{note}</span> : null}
        {aside ? <span className="ml-auto text-sm">{aside}</span> : null}
      </div>
      <div className="mt-2">{children}</div>
    </section>
  );
}

/** Names and values, for what is looked up. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="text-sm">{children}</dl>;
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-2 py-1">
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
