import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { AgentActions } from "~/components/agent/AgentActions.tsx";
import { AgentRecord } from "~/components/agent/AgentRecord.tsx";
import { AgentRuns } from "~/components/agent/AgentRuns.tsx";
import { StartIt } from "~/components/agent/StartIt.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Capabilities } from "~/components/shared/Badge.tsx";
import { Banner } from "~/components/shared/Banner.tsx";
import { History } from "~/components/shared/History.tsx";
import { Mark } from "~/components/shared/Mark.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { Fact, Facts, Section } from "~/components/shared/Section.tsx";
import { useViewer } from "~/hooks/useViewer.ts";
import { taskNumber } from "~/lib/format.ts";
import { page } from "~/lib/page.server.ts";
import { agentLook } from "~/lib/statuses.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction<typeof loader> = ({ data, matches }) =>
  titleOf(data?.agent.name ?? "No such agent", matches);

export const loader = page(
  ["agents", "tasks", "suggestions"],
  async ({ context: { api }, params, request, person }) => {
    const id = params.id ?? "";
    const cursor = new URL(request.url).searchParams.get("cursor");
    const [agent, metrics, runs, history, tokens] = await Promise.all([
      api.agents.byId({ id }),
      api.agents.metrics({ id }),
      api.agents.runs({ id, cursor, limit: 25 }),
      api.audit.list({ entityType: "agent", entityId: id, limit: 10 }),
      person.role === "admin" ? api.agents.tokens({ id }) : [],
    ]);
    return { agent, metrics, runs, history: history.items, tokens };
  },
);

export default function AgentPage() {
  const { agent, metrics, runs, history, tokens } = useLoaderData<typeof loader>();
  const { isAdmin } = useViewer();
  return (
    <>
      <PageHead
        title={agent.name}
        note={
          <span className="flex flex-wrap items-center gap-x-3">
            <Mark look={agentLook(agent)} />
            <span>
              {agent.liveRuns} of {agent.maxConcurrent} runs{agent.version ? `, version ${agent.version}` : ""}
            </span>
            {agent.lastSeen ? (
              <span>
                seen <RelativeTime at={agent.lastSeen} />
              </span>
            ) : (
              <span>never seen</span>
            )}
          </span>
        }
        crumbs={[{ to: paths.agents(), word: "Agents" }]}
        actions={isAdmin ? <AgentActions agent={agent} /> : null}
      />
      {agent.lastError ? (
        <div className="mt-2 max-w-fit">
          <Banner tone="failed">
            Last error{agent.lastErrorAt ? <RelativeTime at={agent.lastErrorAt} className="" /> : null}:{" "}
            {agent.lastError}
          </Banner>
        </div>
      ) : null}
      <div className="mt-5 grid gap-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-8">
          {agent.description ? <p className="max-w-[66ch]">{agent.description}</p> : null}
          <Section title="Now">
            {agent.liveTasks.length === 0 ? <p className="text-sm text-muted">It holds no task.</p> : null}
            <ul className="flex flex-col gap-1 empty:hidden">
              {agent.liveTasks.map((task) => (
                <li key={task.id}>
                  <Link to={paths.task(taskNumber(task.number))} className="hover:underline">
                    <span className="mr-2 font-mono text-xs text-muted">{taskNumber(task.number)}</span>
                    {task.name}
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
          <AgentRecord metrics={metrics} />
          <Section title="Runs">
            <AgentRuns runs={runs.items} />
            {runs.items.length > 0 ? <Pagination nextCursor={runs.nextCursor} shown={runs.items.length} /> : null}
          </Section>
        </div>
        <aside aria-label="Facts" className="flex min-w-0 flex-col gap-8">
          <Facts>
            <Fact name="Can">
              {agent.capabilities.length > 0 ? <Capabilities list={agent.capabilities} /> : "tasks that need nothing"}
            </Fact>
            <Fact name="Runs at once">{agent.maxConcurrent}</Fact>
            <Fact name="Made by">
              <Actor type={agent.createdByType} name={agent.createdByName} /> <RelativeTime at={agent.createdAt} />
            </Fact>
            {tokens.map((token) => (
              <Fact key={token.id} name="Token">
                <span className="font-mono text-xs">{token.prefix}…</span>{" "}
                {token.revokedAt ? "ended" : token.lastUsedAt ? "last used " : "not used yet"}
                {token.lastUsedAt && !token.revokedAt ? <RelativeTime at={token.lastUsedAt} /> : null}
              </Fact>
            ))}
          </Facts>
          {agent.archivedAt ? null : (
            <Section title="Start it" note="with the token that was shown once">
              <StartIt capabilities={agent.capabilities} />
            </Section>
          )}
          <Section title="History">
            <History entries={history} allTo={paths.audit({ entityType: "agent", entityId: agent.id })} />
          </Section>
        </aside>
      </div>
    </>
  );
}
