import type { MetaFunction } from "@remix-run/node";
import { useFetcher, useLoaderData, useSearchParams } from "@remix-run/react";
import { BatchBar } from "~/components/inbox/BatchBar.tsx";
import { InboxDetail, inboxDecision } from "~/components/inbox/InboxDetail.tsx";
import { InboxKeys } from "~/components/inbox/InboxKeys.tsx";
import { InboxList } from "~/components/inbox/InboxList.tsx";
import { Banner } from "~/components/shared/Banner.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { EmptyState } from "~/components/shared/EmptyState.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Tabs } from "~/components/shared/Tabs.tsx";
import type { Refusal } from "~/context.d.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import { plural } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";
import { suggestionStatuses } from "../../db/enums.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Decisions", matches);

const decided = suggestionStatuses.filter((status) => status !== "pending");

export const loader = page(["suggestions", "tasks"], async ({ context: { api }, request }) => {
  const { s, view, cursor, taskId, agentId, workflowId } = Object.fromEntries(new URL(request.url).searchParams);
  const isDecided = view === "decided";
  const [list, pending] = await Promise.all([
    api.suggestions.list({
      status: isDecided ? decided : "pending",
      sort: isDecided ? "newest" : "oldest",
      cursor: cursor ?? null,
      taskId,
      agentId,
      workflowId,
    }),
    api.suggestions.pendingCount(),
  ]);
  const chosen = s ?? list.items[0]?.id;
  return { list, pending, isDecided, detail: chosen ? await api.suggestions.byId({ id: chosen }) : null };
});

export default function Inbox() {
  const { list, pending, isDecided, detail } = useLoaderData<typeof loader>();
  const { canChange } = useViewer();
  const [search] = useSearchParams();
  const ids = list.items.map(({ id }) => id);
  const filter = { taskId: search.get("taskId"), agentId: search.get("agentId"), workflowId: search.get("workflowId") };
  const isFiltered = Object.values(filter).some(Boolean);
  return (
    <>
      <PageHead
        title="Decisions"
        note={
          pending.oldestAt ? (
            <>
              {plural(pending.count, "waits for a person", "wait for a person")}, the oldest asked{" "}
              <RelativeTime at={pending.oldestAt} />
            </>
          ) : (
            "Nothing waits"
          )
        }
        actions={canChange && !isDecided && list.items.length > 0 ? <InboxKeys ids={ids} current={detail?.id} /> : null}
      />
      <Tabs
        label="Which decisions"
        className="mt-2"
        tabs={[
          { to: paths.suggestions(filter), word: "Waiting", count: pending.count, isCurrent: !isDecided },
          { to: paths.suggestions({ ...filter, view: "decided" }), word: "Decided", isCurrent: isDecided },
        ]}
      />
      {isFiltered ? (
        <div className="mt-3 max-w-fit">
          <Banner>
            Only some are shown: those of one {filter.taskId ? "task" : filter.agentId ? "agent" : "workflow"}.
            <ButtonLink kind="quiet" to={paths.suggestions()} className="h-5!">
              Show all
            </ButtonLink>
          </Banner>
        </div>
      ) : null}
      <Refused shownId={detail?.id} />
      {list.items.length === 0 && !detail ? (
        <div className="mt-4">
          <Empty isDecided={isDecided} />
        </div>
      ) : (
        <div className="mt-4 grid items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
          <div className="min-w-0">
            <InboxList items={list.items} current={detail?.id} />
            {isDecided || !canChange ? null : <BatchBar items={list.items} />}
            {list.nextCursor || search.has("cursor") ? (
              <Pagination nextCursor={list.nextCursor} shown={list.items.length} />
            ) : null}
          </div>
          {detail ? <InboxDetail suggestion={detail} next={ids[ids.indexOf(detail.id) + 1]} /> : null}
        </div>
      )}
    </>
  );
}

/** A decision that came second, when its suggestion has left the list already. */
function Refused({ shownId }: { shownId: string | undefined }) {
  const { data } = useFetcher<Refusal>({ key: inboxDecision });
  if (data?.ok !== false || data.values.id === shownId) return null;
  return (
    <div className="mt-3 max-w-fit">
      <Banner tone="failed" isNews>
        {data.formError ?? "Your decision was not recorded."}
      </Banner>
    </div>
  );
}

const Empty = ({ isDecided }: { isDecided: boolean }) =>
  isDecided ? (
    <EmptyState title="Nothing was decided yet">
      Decisions appear here with who made them and what came of them.
    </EmptyState>
  ) : (
    <EmptyState
      title="Nothing waits for you"
      action={<ButtonLink to={paths.suggestions({ view: "decided" })}>See what was decided</ButtonLink>}
    >
      When an agent asks before it acts, its suggestion appears here, and its number in the title of every page.
    </EmptyState>
  );
