import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { AuditTable } from "~/components/audit/AuditTable.tsx";
import { Chain } from "~/components/audit/Chain.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { InlineSelect } from "~/components/shared/Field.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { words } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";
import { entityTypes } from "../../db/enums.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Audit", matches);

export const loader = page(["suggestions"], async ({ context: { api }, request }) => {
  const { verify, ...query } = Object.fromEntries(new URL(request.url).searchParams);
  const [list, verification] = await Promise.all([
    // The procedure's own schema reads the address, so what it is handed is not typed yet.
    api.audit.list(query as object),
    verify ? api.audit.verify() : null,
  ]);
  return { list, verification };
});

const dateLook = "h-8 rounded-md border border-edge bg-surface px-2 text-sm touch:h-11";

export default function Audit() {
  const { list, verification } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const query = Object.fromEntries(search);
  const isFiltered = [...search.keys()].some((name) => name !== "cursor" && name !== "verify");
  return (
    <>
      <PageHead title="Audit" note="Every change, by whoever: append-only, sealed in a chain" />
      <Chain verification={verification} query={query} />
      <Form
        method="get"
        role="search"
        aria-label="Filter the audit log"
        className="mt-3 flex flex-wrap items-center gap-2"
      >
        {["entityId", "taskId", "workflowId", "actorId"].map((name) =>
          query[name] ? <input key={name} type="hidden" name={name} value={query[name]} /> : null,
        )}
        <InlineSelect label="What" name="entityType" defaultValue={query.entityType ?? ""} key={`e${query.entityType}`}>
          <option value="">Anything</option>
          {entityTypes.map((type) => (
            <option key={type} value={type}>
              {words(type)}
            </option>
          ))}
        </InlineSelect>
        <div className="inline-flex items-center gap-1.5 text-sm">
          <label htmlFor="action" className="text-muted">
            Did
          </label>
          <input
            id="action"
            name="action"
            defaultValue={query.action}
            placeholder="moved"
            className={`${dateLook} w-28`}
          />
        </div>
        <div className="inline-flex items-center gap-1.5 text-sm">
          <label htmlFor="from" className="text-muted">
            From
          </label>
          <input id="from" type="date" name="from" defaultValue={query.from} className={dateLook} />
          <label htmlFor="to" className="text-muted">
            to
          </label>
          <input id="to" type="date" name="to" defaultValue={query.to} className={dateLook} />
        </div>
        <Button>Filter</Button>
        {isFiltered ? (
          <Link to={paths.audit()} className="inline-flex min-h-8 items-center px-1 text-sm text-muted hover:text-text">
            Clear
          </Link>
        ) : null}
      </Form>
      <div className="mt-4">
        {list.items.length > 0 ? (
          <AuditTable entries={list.items} />
        ) : (
          <EmptyState
            title={isFiltered ? "No change matches" : "Nothing was changed yet"}
            action={isFiltered ? <ButtonLink to={paths.audit()}>Clear the filter</ButtonLink> : null}
          >
            Every change that a person, an agent, a policy or the product makes is written here and never altered.
          </EmptyState>
        )}
      </div>
      {list.items.length > 0 ? <Pagination nextCursor={list.nextCursor} shown={list.items.length} /> : null}
    </>
  );
}
