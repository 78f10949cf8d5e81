import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Icon, type IconName } from "~/components/shared/Icon.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import type { Summary } from "~/lib/api-types.ts";
import { plural } from "~/lib/format.ts";
import { paths } from "~/paths.ts";

/** What only a person can move, before everything else. */
export function NeedsYou({ needs }: { needs: Summary["needsYou"] }) {
  const { decisions, failedTasks, cannotStart, overdue, offlineAgents } = needs;
  const isAny = decisions.count + failedTasks + cannotStart + overdue + offlineAgents.length > 0;
  return (
    <section aria-labelledby="needs-you" className="mt-4">
      <h2 id="needs-you" className="text-sm font-semibold">
        Needs you now
      </h2>
      {isAny ? (
        <ul className="mt-2 divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
          {decisions.count > 0 ? (
            <Need
              to={paths.suggestions()}
              icon="hourglass"
              ink="text-waiting"
              does="Decide"
              what={plural(decisions.count, "decision waits", "decisions wait")}
            >
              {decisions.oldestAt ? (
                <>
                  oldest <RelativeTime at={decisions.oldestAt} />
                </>
              ) : null}
              {decisions.nextExpiryAt ? (
                <>
                  , one expires <RelativeTime at={decisions.nextExpiryAt} />
                </>
              ) : null}
            </Need>
          ) : null}
          {failedTasks > 0 ? (
            <Need
              to={paths.tasks({ column: "failed" })}
              icon="failed"
              ink="text-failed"
              does="Look"
              what={`${plural(failedTasks, "task")} failed for good`}
            >
              retry them, or cancel them
            </Need>
          ) : null}
          {cannotStart > 0 ? (
            <Need
              to={paths.agents()}
              icon="ring"
              ink="text-pending"
              does="Why"
              what={`${plural(cannotStart, "task")} cannot start`}
            >
              no agent that is online and active can do {cannotStart === 1 ? "it" : "them"}
            </Need>
          ) : null}
          {overdue > 0 ? (
            <Need
              to={paths.tasks({ due: "overdue" })}
              icon="clock"
              ink="text-failed"
              does="Look"
              what={`${plural(overdue, "task is", "tasks are")} overdue`}
            >
              past the end of the due day
            </Need>
          ) : null}
          {offlineAgents.map((agent) => (
            <Need
              key={agent.id}
              to={paths.agent(agent.id)}
              icon="offline"
              ink="text-failed"
              does="Look"
              what={`${agent.name} is offline`}
            >
              while it holds {plural(agent.liveRuns, "task")}
            </Need>
          ))}
        </ul>
      ) : (
        <p className="mt-2 flex items-center gap-1.5 text-sm text-completed">
          <Icon name="done" /> Nothing waits for you.
        </p>
      )}
    </section>
  );
}

const Need = ({
  to,
  icon,
  ink,
  what,
  does,
  children,
}: {
  to: string;
  icon: IconName;
  ink: string;
  what: string;
  does: string;
  children: ReactNode;
}) => (
  <li>
    <Link to={to} prefetch="intent" className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 hover:bg-hover">
      <span className={`inline-flex items-center gap-1.5 ${ink}`}>
        <Icon name={icon} />
        {what}
      </span>
      <span className="text-sm text-muted">{children}</span>
      <span className="ml-auto text-sm text-accent">{does}</span>
    </Link>
  </li>
);
