import { useFetcher, useLocation } from "@remix-run/react";
import { ActionForm, RefusalNote } from "~/components/shared/ActionForm.tsx";
import { Actor } from "~/components/shared/Actor.tsx";
import { Button } from "~/components/shared/Button.tsx";
import { TextArea } from "~/components/shared/Field.tsx";
import { Markdown } from "~/components/shared/Markdown.tsx";
import { RelativeTime } from "~/components/shared/RelativeTime.tsx";
import { useResetOnSuccess } from "~/hooks/useResetOnSuccess.ts";
import { useViewer } from "~/hooks/useViewer.ts";
import type { Comment } from "~/lib/api-types.ts";
import { usePatches } from "~/lib/live.ts";
import { patchRows } from "~/lib/live-store.ts";
import { paths } from "~/paths.ts";

export type Target = { taskId: string } | { workflowId: string } | { suggestionId: string };

/** What people and agents say about one thing, oldest first, with answers under what they answer. */
export function CommentThread({
  comments,
  target,
  formKey,
}: {
  comments: Comment[];
  target: Target;
  /** Makes a form that is sent twice have one effect. */
  formKey: string;
}) {
  const { canChange } = useViewer();
  const shown = useLiveComments(comments, target);
  const roots = shown.filter(({ parentId }) => parentId === null);
  return (
    <>
      {shown.length === 0 ? <p className="text-sm text-muted">Nobody has said anything yet.</p> : null}
      <ol className="flex flex-col gap-4">
        {roots.map((comment) => (
          <li key={comment.id}>
            <OneComment comment={comment} answer={{ target, formKey: `${formKey}-${comment.id}` }} />
            <ol className="mt-3 flex flex-col gap-3 border-l border-line pl-4 empty:hidden">
              {shown
                .filter(({ parentId }) => parentId === comment.id)
                .map((answer) => (
                  <li key={answer.id}>
                    <OneComment comment={answer} />
                  </li>
                ))}
            </ol>
          </li>
        ))}
      </ol>
      {canChange ? <CommentForm target={target} formKey={formKey} /> : null}
    </>
  );
}

function useLiveComments(comments: Comment[], target: Target): Comment[] {
  const patches = usePatches("comment");
  return patchRows(comments, patches, {
    belongs: (comment) => Object.entries(target).every(([name, id]) => comment[name as keyof Comment] === id),
    toRow: (data) => data as Comment, // comment events carry the whole row
    compare: (a, b) => (a.id < b.id ? -1 : 1),
  });
}

function OneComment({ comment, answer }: { comment: Comment; answer?: { target: Target; formKey: string } }) {
  const { person, canChange, isAdmin } = useViewer();
  const isMine = comment.authorId !== null && comment.authorId === person?.id;
  return (
    <article id={`comment-${comment.id}`} className="max-w-[66ch]">
      <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
        <Actor type={comment.authorType} name={comment.authorName} />
        <RelativeTime at={comment.createdAt} />
        {comment.editedAt ? <span>edited</span> : null}
        <Receipt comment={comment} />
        {comment.resolvedAt ? <span className="text-completed">resolved by {comment.resolvedByName}</span> : null}
      </p>
      <div className="mt-1">
        {comment.deletedAt ? <p className="text-muted">Removed.</p> : <Markdown>{comment.text}</Markdown>}
      </div>
      {canChange && !comment.deletedAt ? (
        <div className="flex flex-wrap gap-x-4 text-xs">
          {answer && !comment.resolvedAt ? (
            <details className="open:w-full">
              <summary className={smallControl}>Answer</summary>
              <CommentForm target={answer.target} parentId={comment.id} formKey={answer.formKey} />
            </details>
          ) : null}
          <details className="open:w-full">
            <summary className={smallControl}>More</summary>
            <div className="mt-1 flex flex-wrap items-start gap-2">
              {comment.resolvedAt ? null : (
                <ActionForm
                  action={paths.commentAction(comment.id, "resolve")}
                  word="Resolve"
                  pendingWord="Resolving…"
                />
              )}
              {isMine ? <EditComment comment={comment} /> : null}
              {isMine || isAdmin ? (
                <ActionForm
                  action={paths.commentAction(comment.id, "remove")}
                  word="Remove"
                  pendingWord="Removing…"
                  kind="danger"
                />
              ) : null}
            </div>
          </details>
        </div>
      ) : null}
    </article>
  );
}

/** How far it has come on its way to the agent that works on the task. */
function Receipt({ comment: { deliveredAt, seenAt } }: { comment: Comment }) {
  const at = seenAt ?? deliveredAt;
  if (!at) return null;
  return (
    <span>
      {seenAt ? "seen by the agent" : "delivered to the agent"} <RelativeTime at={at} />
    </span>
  );
}

const smallControl = "inline-flex min-h-6 items-center text-muted hover:text-text touch:min-h-11";

const EditComment = ({ comment }: { comment: Comment }) => (
  <ActionForm action={paths.commentAction(comment.id, "edit")} word="Save the edit" pendingWord="Saving…">
    <TextArea className="w-full" label="Your comment" name="text" defaultValue={comment.text} required />
  </ActionForm>
);

function CommentForm({ target, parentId, formKey }: { target: Target; parentId?: string; formKey: string }) {
  const fetcher = useFetcher<{ ok: false; status: 422; fieldErrors?: Record<string, string[]>; values: object }>();
  const form = useResetOnSuccess(fetcher);
  const { pathname, search } = useLocation();
  const refusal = fetcher.data?.ok === false ? fetcher.data : null;
  return (
    <fetcher.Form
      ref={form}
      method="post"
      action={paths.comments()}
      preventScrollReset
      className="mt-3 grid max-w-[66ch] gap-2"
    >
      <input type="hidden" name="back" value={pathname + search} />
      <input type="hidden" name="idempotencyKey" value={formKey} />
      {Object.entries(target).map(([name, id]) => (
        <input key={name} type="hidden" name={name} value={id} />
      ))}
      {parentId ? <input type="hidden" name="parentId" value={parentId} /> : null}
      {refusal && !refusal.fieldErrors?.text ? <RefusalNote refusal={{ ...refusal, values: {} }} /> : null}
      <TextArea
        label={parentId ? "Your answer" : "Say something to the agent and the team"}
        hint="Markdown works. A running agent reads it with its next sign of life."
        name="text"
        rows={2}
        errors={refusal?.fieldErrors?.text}
      />
      <div>
        <Button isPending={fetcher.state !== "idle"} pendingWord="Sending…">
          {parentId ? "Answer" : "Comment"}
        </Button>
      </div>
    </fetcher.Form>
  );
}
