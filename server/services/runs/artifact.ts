import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Connection } from "../../../db/client.ts";
import { camelCased } from "../../../db/rows.ts";
import { artifacts } from "../../../db/schema/index.ts";
import type { AgentCtx, Ctx } from "../context.ts";
import { NotFound } from "../errors.ts";
import { idempotent } from "../idempotency.ts";
import { id, idempotencyKey } from "../inputs.ts";
import { mutate, type Recorder } from "../mutate.ts";
import type { RunRow } from "./end-runs.ts";
import { lease, refusalOf } from "./fencing.ts";

const maxBytes = 4_000_000;

export const artifactInput = z
  .strictObject({
    ...lease,
    name: z.string().trim().min(1, "Give the artifact a name.").max(255),
    mime: z
      .string()
      .trim()
      .regex(/^[\w.+-]+\/[\w.+-]+(;.*)?$/, "Give a MIME type, such as text/markdown."),
    /** Counted in bytes as it is sent, since a character may take up to four. */
    content: z
      .string()
      .refine((text) => Buffer.byteLength(text) <= maxBytes, "Keep an artifact to 4 million bytes, or hand in a URL.")
      .optional(),
    encoding: z.enum(["utf8", "base64"]).default("utf8"),
    url: z.url({ protocol: /^https?$/, error: "Give an http or https address." }).optional(),
    idempotencyKey: idempotencyKey.optional(),
  })
  .refine((input) => (input.content === undefined) !== (input.url === undefined), {
    error: "Give either content or url.",
    path: ["content"],
  });

const summaryColumns = {
  id: artifacts.id,
  runId: artifacts.runId,
  taskId: artifacts.taskId,
  name: artifacts.name,
  mime: artifacts.mime,
  size: artifacts.size,
  sha256: artifacts.sha256,
  url: artifacts.url,
  late: artifacts.late,
  createdAt: artifacts.createdAt,
};

export type ArtifactSummary = Omit<typeof artifacts.$inferSelect, "content">;

/**
 * Keeps a piece of output of the run; with a key, a repeat keeps one. What an ended run of this agent hands in is kept
 * too, marked late.
 */
export async function addArtifact(ctx: AgentCtx, input: z.output<typeof artifactInput>): Promise<ArtifactSummary> {
  return mutate(ctx, (tx, record) => addIn(tx, record, { ctx, input }), idempotent(ctx, "runs.artifact", input));
}

async function addIn(
  tx: Connection,
  record: Recorder,
  { ctx, input }: { ctx: AgentCtx; input: z.output<typeof artifactInput> },
): Promise<ArtifactSummary> {
  const [row] = await tx.query<object>(
    `update task_runs r set revision = r.revision + 1 from tasks t where r.id = $1 and t.id = r.task_id
     returning r.*, t.workflow_id`,
    [input.runId],
  );
  const run = row && camelCased<RunRow & { workflowId: string }>(row);
  const refusal = refusalOf(run, ctx.actor.id, input.leaseToken);
  const isOwn = run?.agentId === ctx.actor.id && run.leaseToken === input.leaseToken;
  if (!run || !isOwn) throw refusal ?? new NotFound("run");
  const content = input.content === undefined ? null : Buffer.from(input.content, input.encoding);
  const [artifact] = await tx.orm
    .insert(artifacts)
    .values({
      runId: run.id,
      taskId: run.taskId,
      name: input.name,
      mime: input.mime,
      size: content?.length ?? 0,
      sha256: content && createHash("sha256").update(content).digest("hex"),
      content,
      url: input.url ?? null,
      late: refusal !== null,
    })
    .returning(summaryColumns);
  if (!artifact) throw new Error("An insert answers with its row");
  record({
    event: "run_update",
    entity: "run",
    action: "artifact_added",
    id: run.id,
    revision: run.revision,
    before: null,
    after: artifact,
    data: { id: run.id, taskId: run.taskId, outcome: run.outcome, artifact },
    workflowId: run.workflowId,
    taskId: run.taskId,
  });
  return artifact;
}

export const artifactByIdInput = z.strictObject({ id });

/** An artifact with its content, base64. */
export async function artifactById(
  ctx: Ctx,
  input: z.output<typeof artifactByIdInput>,
): Promise<ArtifactSummary & { base64: string | null }> {
  const [row] = await ctx.db.orm.select().from(artifacts).where(eq(artifacts.id, input.id));
  if (!row) throw new NotFound("artifact");
  const { content, ...summary } = row;
  return { ...summary, base64: content && Buffer.from(content).toString("base64") };
}

/** The artifacts of a task's runs, newest first, without their content. */
export function artifactsOfTask(ctx: Ctx, taskId: string): Promise<ArtifactSummary[]> {
  return ctx.db.orm.select(summaryColumns).from(artifacts).where(eq(artifacts.taskId, taskId)).orderBy(artifacts.id);
}
