import { useSearchParams } from "@remix-run/react";
import { ButtonLink } from "./Button.tsx";

/** The next keyset page, at an address of its own; the rows before it stay reachable through "From the start". */
export function Pagination({
  nextCursor,
  shown,
  of,
}: {
  nextCursor: string | null | undefined;
  shown: number;
  of?: string;
}) {
  const [search] = useSearchParams();
  const isFirst = !search.has("cursor");
  return (
    <nav aria-label="Pages" className="mt-3 flex flex-wrap items-center gap-2 text-sm text-muted">
      <p>
        {shown} shown{of ? ` of ${of}` : ""}
        {isFirst ? "" : ", further on in the list"}
      </p>
      <span className="ml-auto flex gap-2">
        {isFirst ? null : <ButtonLink to={withCursor(search, null)}>From the start</ButtonLink>}
        {nextCursor ? <ButtonLink to={withCursor(search, nextCursor)}>Show 50 more</ButtonLink> : null}
      </span>
    </nav>
  );
}

function withCursor(search: URLSearchParams, cursor: string | null): string {
  const next = new URLSearchParams(search);
  if (cursor === null) next.delete("cursor");
  else next.set("cursor", cursor);
  return `?${next}`;
}
