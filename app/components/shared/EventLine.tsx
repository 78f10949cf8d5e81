import { Link } from "@remix-run/react";
import type { AuditEntry } from "~/lib/api-types.ts";
import { words } from "~/lib/format.ts";
import { paths } from "~/paths.ts";
import { Actor } from "./Actor.tsx";
import { RelativeTime } from "./RelativeTime.tsx";

/** Who did what to what, and when. On the page of the thing itself its name is left out. */
export function EventLine({ entry, isItsOwnPage = false }: { entry: AuditEntry; isItsOwnPage?: boolean }) {
  const to = addressOf(entry);
  const { deed, object } = sentenceOf(entry, isItsOwnPage);
  return (
    <p className="text-sm break-words">
      <Actor type={entry.actorType} name={entry.actorName} /> {deed}{" "}
      {to && object ? (
        <Link to={to} className="hover:underline">
          {object}
        </Link>
      ) : (
        object
      )}
      {isMove(entry) ? ` from ${wordOf(entry.changes.status?.before)} to ${wordOf(entry.changes.status?.after)}` : null}
      {entry.reason ? <span className="text-muted">: {entry.reason}</span> : null} <RelativeTime at={entry.createdAt} />
    </p>
  );
}

/** The audit log's verbs where they do not read well as they are stored. A full stop: the deed needs no object. */
const deeds: Record<string, string> = {
  "task.lease_expired": "took back, as its agent gave no sign of life:",
  "task.taken_back": "took back",
  "task.timed_out": "stopped for time",
  "task.queue_timed_out": "gave up waiting for an agent for",
  "run.artifact_added": "handed in an artifact.",
  "run.late_output_kept": "sent something late, which was kept as an artifact.",
  "suggestion.created": "asks:",
  "suggestion.changes_requested": "asked for changes to:",
  "suggestion.approved": "approved:",
  "suggestion.rejected": "rejected:",
  "comment.created": "commented on",
  "comment.edited": "edited a comment on",
  "comment.deleted": "removed a comment on",
  "comment.resolved": "resolved a comment on",
  "user.invited": "invited",
  "user.link_made": "made a new link for",
  "user.role_changed": "changed the role of",
  "user.sign_in_failed": "refused a wrong password for",
  "user.signed_in": "signed in.",
  "user.signed_out": "signed out.",
  "agent.token_rotated": "made a new token for",
};

/** What a page's own thing is called there; the rest keep their names. */
const own = new Set(["task", "workflow", "agent"]);

function sentenceOf(entry: AuditEntry, isItsOwnPage: boolean): { deed: string; object: string | null } {
  const deed = deeds[`${entry.entityType}.${entry.action}`] ?? entry.action.replaceAll("_", " ");
  if (deed.endsWith(".")) return { deed: deed.slice(0, -1), object: null };
  if (isItsOwnPage && own.has(entry.entityType)) return { deed, object: "it" };
  // A comment is named after what it is on.
  const object = entry.entityLabel?.replace(/^Comment on /, "") ?? `a ${entry.entityType}`;
  return { deed, object: isItsOwnPage && entry.entityType === "comment" ? "it" : object };
}

const isMove = ({ action, changes }: AuditEntry) => action === "moved" && changes.status !== undefined;
const wordOf = (status: unknown) => words(String(status ?? ""));

function addressOf({ entityType, entityId, taskId }: AuditEntry): string | null {
  if (entityType === "workflow" && entityId) return paths.workflow(entityId);
  if (entityType === "agent" && entityId) return paths.agent(entityId);
  return taskId ? paths.task(taskId) : null;
}
