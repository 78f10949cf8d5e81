import { Link } from "@remix-run/react";
import type { AuditEntry } from "~/lib/api-types.ts";
import { words } from "~/lib/format.ts";
import { paths } from "~/paths.ts";
import { Actor } from "./Actor.tsx";
import { RelativeTime } from "./RelativeTime.tsx";

/** Who did what to what, and when. On the page of the thing itself its name is left out. */
export function EventLine({ entry, isItsOwnPage = false }: { entry: AuditEntry; isItsOwnPage?: boolean }) {
  const to = addressOf(entry);
  const label = isItsOwnPage ? null : entry.entityLabel;
  return (
    <span className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5 text-sm">
      <Actor type={entry.actorType} name={entry.actorName} />
      <span className="min-w-0 break-words">
        {deedOf(entry, isItsOwnPage)}
        {label ? (
          <>
            {" "}
            {to ? (
              <Link to={to} className="hover:underline">
                {label}
              </Link>
            ) : (
              label
            )}
          </>
        ) : null}
        {isMove(entry)
          ? ` from ${wordOf(entry.changes.status?.before)} to ${wordOf(entry.changes.status?.after)}`
          : null}
        {entry.reason ? <span className="text-muted">: {entry.reason}</span> : null}
      </span>
      <RelativeTime at={entry.createdAt} />
    </span>
  );
}

/** The audit log's verbs as they read after a name. What is not listed reads as it is stored. */
const deeds: Record<string, string> = {
  "task.lease_expired": "lost its agent: the lease ran out on",
  "task.taken_back": "took back",
  "task.timed_out": "stopped for time",
  "task.artifact_added": "added an artifact to",
  "run.late_output_kept": "kept what came late for",
  "suggestion.created": "asks:",
  "suggestion.changes_requested": "asked for changes to",
  "comment.created": "commented on",
  "comment.updated": "edited a comment on",
  "comment.removed": "removed a comment on",
  "comment.resolved": "resolved a comment on",
  "user.created": "invited",
  "user.signed_in": "signed in",
  "agent.token_rotated": "made a new token for",
};

function deedOf(entry: AuditEntry, isItsOwnPage: boolean): string {
  const deed = deeds[`${entry.entityType}.${entry.action}`];
  if (deed) return deed;
  const verb = entry.action.replaceAll("_", " ");
  if (isItsOwnPage)
    return `${verb} ${entry.entityType === "task" || entry.entityType === "workflow" ? "it" : `the ${entry.entityType}`}`;
  return entry.entityLabel ? verb : `${verb} a ${entry.entityType}`;
}

const isMove = ({ action, changes }: AuditEntry) => action === "moved" && changes.status !== undefined;
const wordOf = (status: unknown) => words(String(status ?? ""));

function addressOf({ entityType, entityId, taskId }: AuditEntry): string | null {
  if (entityType === "workflow" && entityId) return paths.workflow(entityId);
  if (entityType === "agent" && entityId) return paths.agent(entityId);
  return taskId ? paths.task(taskId) : null;
}
