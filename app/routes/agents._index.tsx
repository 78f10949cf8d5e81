import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { AgentTable } from "~/components/agent/AgentTable.tsx";
import { Button, ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { InlineSelect } from "~/components/shared/Field.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import { words } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";
import { agentStatuses, desiredStates } from "../../db/enums.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Agents", matches);

export const loader = page(["agents", "suggestions"], async ({ context, request }) => {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  // The procedure's own schema reads the address, so what it is handed is not typed yet.
  return await context.api.agents.list(query as object);
});

export default function Agents() {
  const { items, nextCursor } = useLoaderData<typeof loader>();
  const { isAdmin } = useViewer();
  const [search] = useSearchParams();
  const query = Object.fromEntries(search);
  const able = items.filter(({ status, desiredState }) => status !== "offline" && desiredState === "active").length;
  const isFiltered = ["status", "desiredState", "capability", "search"].some((name) => query[name]);
  const connect = isAdmin ? (
    <ButtonLink kind="main" to={paths.newAgent()}>
      Connect an agent
    </ButtonLink>
  ) : null;
  return (
    <>
      <PageHead
        title={query.archived ? "Archived agents" : "Agents"}
        note={query.archived || items.length === 0 ? null : `${able} of ${items.length} can take work`}
        actions={connect}
      />
      <Form method="get" role="search" aria-label="Filter agents" className="mt-3 flex flex-wrap items-center gap-2">
        <label htmlFor="find-agent" className="sr-only">
          Find an agent
        </label>
        <input
          id="find-agent"
          type="search"
          name="search"
          defaultValue={query.search}
          placeholder="Find an agent"
          className="h-8 w-44 rounded-md border border-edge bg-surface px-2.5 text-sm max-md:flex-1 touch:h-11 touch:text-lg"
        />
        <InlineSelect label="State" name="status" defaultValue={query.status ?? ""} key={`s${query.status}`}>
          <option value="">Any</option>
          {agentStatuses.map((status) => (
            <option key={status} value={status}>
              {words(status)}
            </option>
          ))}
        </InlineSelect>
        <InlineSelect
          label="Asked to be"
          name="desiredState"
          defaultValue={query.desiredState ?? ""}
          key={`d${query.desiredState}`}
        >
          <option value="">Anything</option>
          {desiredStates.map((state) => (
            <option key={state} value={state}>
              {words(state)}
            </option>
          ))}
        </InlineSelect>
        <label htmlFor="can" className="sr-only">
          Can do
        </label>
        <input
          id="can"
          name="capability"
          defaultValue={query.capability}
          placeholder="Capability"
          className="h-8 w-32 rounded-md border border-edge bg-surface px-2.5 text-sm touch:h-11 touch:text-lg"
        />
        <Button>Filter</Button>
        <Link
          to={paths.agents(query.archived ? {} : { archived: "true" })}
          className="inline-flex min-h-8 items-center px-1 text-sm text-muted hover:text-text"
        >
          {query.archived ? "Leave the archive" : "Archived"}
        </Link>
      </Form>
      <div className="mt-4">
        {items.length > 0 ? (
          <AgentTable agents={items} />
        ) : (
          <Empty isFiltered={isFiltered || Boolean(query.archived)} connect={connect} />
        )}
      </div>
      {items.length > 0 ? <Pagination nextCursor={nextCursor} shown={items.length} /> : null}
    </>
  );
}

function Empty({ isFiltered, connect }: { isFiltered: boolean; connect: React.ReactNode }) {
  if (isFiltered) {
    return (
      <EmptyState
        title="No agent matches"
        action={<ButtonLink to={paths.agents()}>Show all that are connected</ButtonLink>}
      >
        Nothing fits all that is asked for above.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No agent has connected" action={connect}>
      Tasks wait until an agent with the right capability claims them. Connecting one takes a token and ten lines.
    </EmptyState>
  );
}
