import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { AgentMetrics } from "~/components/dashboard/AgentMetrics.tsx";
import { NeedsYou } from "~/components/dashboard/NeedsYou.tsx";
import { SystemHealth } from "~/components/dashboard/SystemHealth.tsx";
import { Throughput } from "~/components/dashboard/Throughput.tsx";
import { WorkflowStatus } from "~/components/dashboard/WorkflowStatus.tsx";
import { History } from "~/components/shared/History.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Section } from "~/components/shared/Section.tsx";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Dashboard", matches);

export const loader = page(["workflows", "tasks", "agents", "suggestions"], async ({ context: { api }, request }) => {
  const window = new URL(request.url).searchParams.get("window") ?? "24h";
  const [summary, series, workflows, agents, health] = await Promise.all([
    api.dashboard.summary(),
    // The procedure's own schema refuses a window that there is not.
    api.dashboard.series({ window: window as "24h" }),
    api.workflows.list({ sort: "updated", limit: 6 }),
    api.agents.list({ limit: 8 }),
    api.system.health(),
  ]);
  return { summary, series, workflows: workflows.items, agents: agents.items, health };
});

export default function Dashboard() {
  const { summary, series, workflows, agents, health } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHead title="Dashboard" />
      <NeedsYou needs={summary.needsYou} />
      <div className="mt-8 grid gap-x-10 gap-y-8 xl:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-8">
          <WorkflowStatus workflows={workflows} counts={summary.workflows} />
          <Throughput series={series} />
          <AgentMetrics agents={agents} counts={summary.agents.byStatus} />
        </div>
        <aside aria-label="Health and what just happened" className="flex min-w-0 flex-col gap-8">
          <SystemHealth health={health} summary={summary} />
          <Section title="Just now">
            <History entries={summary.recent} allTo={paths.audit()} isItsOwnPage={false} />
          </Section>
        </aside>
      </div>
    </>
  );
}
