import { ButtonLink } from "~/components/shared/Button.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import type { Verification } from "~/lib/api-types.ts";
import { count, plural } from "~/lib/format.ts";
import type { Look } from "~/lib/statuses.ts";
import { paths } from "~/paths.ts";

const whole: Look = { icon: "done", word: "The chain is whole", ink: "text-completed" };
const broken: Look = { icon: "failed", word: "The chain is broken", ink: "text-failed" };

/** As it comes over the wire, where a field that is left out is undefined. */
type Served = Omit<Verification, "firstBad"> & { firstBad?: Verification["firstBad"] | undefined };

/** Whether the log is as it was written. Recomputed when asked, since it reads everything. */
export function Chain({ verification, query }: { verification: Served | null; query: Record<string, string> }) {
  return (
    <section
      aria-label="Verification"
      className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-surface px-4 py-3 text-sm"
    >
      {verification ? <Mark look={verification.ok ? whole : broken} /> : null}
      <p role="status" className="min-w-0 flex-1 basis-64 text-muted">
        {verification
          ? wordsOf(verification)
          : "Verifying recomputes the chain over every row and says whether one was altered, removed or put in."}
      </p>
      <ButtonLink to={paths.audit({ ...query, verify: 1 })} preventScrollReset>
        {verification ? "Verify again" : "Verify"}
      </ButtonLink>
      {verification?.head ? (
        <p className="w-full text-xs text-muted">
          The end of the chain, to keep outside this database:{" "}
          <code className="font-mono break-all">
            {verification.head.throughSeq}:{verification.head.hash}
          </code>
        </p>
      ) : null}
    </section>
  );
}

function wordsOf({ ok, rows, sealedThrough, unsealed, firstBad }: Served): string {
  if (!ok && firstBad) {
    return `${firstBad.problem} Look at rows ${count(firstBad.fromSeq)} to ${count(firstBad.throughSeq)}.`;
  }
  if (sealedThrough === null) return `Nothing is sealed yet; ${plural(unsealed, "row")} will be within seconds.`;
  const rest = unsealed > 0 ? ` The ${plural(unsealed, "newest row is", "newest are")} sealed within seconds.` : "";
  return `${plural(rows, "row")} up to number ${count(sealedThrough)} are as they were written.${rest}`;
}
