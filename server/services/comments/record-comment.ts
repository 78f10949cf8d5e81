import type { Recorder } from "../mutate.ts";
import type { CommentRow } from "./comment-row.ts";
import type { Place } from "./target.ts";

export function recordComment(
  record: Recorder,
  change: {
    comment: CommentRow;
    before: CommentRow | null;
    place: Place;
    action: string;
    event: "comment_added" | "comment_update" | "comment_deleted";
  },
): void {
  const { comment, before, place, action, event } = change;
  record({
    event,
    entity: "comment",
    action,
    id: comment.id,
    revision: comment.revision,
    before,
    after: comment,
    label: `Comment on ${place.label}`,
    workflowId: place.workflowId,
    taskId: place.taskId,
  });
}
