import { initTRPC, TRPCError } from "@trpc/server";
import { z } from "zod";
import { type Role, roles } from "../../db/enums.ts";
import type { AgentActor, Ctx, PersonActor } from "../services/context.ts";
import { Conflict, DomainError, Forbidden, Invalid, NotFound, Overloaded, TooMany } from "../services/errors.ts";
import type { RequestContext } from "./context.ts";
import { wire } from "./wire.ts";

/** Who may call a procedure. Every procedure is built on one of the six below, so none can leave it unsaid. */
type Who = "everyone" | "members" | "agent" | Role;

const t = initTRPC
  .context<RequestContext>()
  .meta<{ who: Who }>()
  .create({
    transformer: wire,
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 15_000 } },
    errorFormatter({ shape, error, ctx }) {
      return {
        ...shape,
        message: error.code === "INTERNAL_SERVER_ERROR" ? faultMessage(ctx?.requestId) : messageOf(error),
        data: { code: shape.data.code, httpStatus: shape.data.httpStatus, path: shape.data.path, ...detailsOf(error) },
      };
    },
  });

const faultMessage = (requestId = "unknown") =>
  `Something went wrong on our side. Nothing was changed. Try again; if it stays, tell your operator request ${requestId}.`;

function messageOf(error: TRPCError): string {
  return error.cause instanceof z.ZodError ? z.prettifyError(error.cause) : error.message;
}

/** What a program needs beside the code: the reason of a conflict, the errors by field, when to come back. */
function detailsOf({ cause }: TRPCError): {
  reason?: string;
  detail?: Record<string, unknown>;
  fieldErrors?: Record<string, string[]>;
  retryAfter?: number;
} {
  if (cause instanceof Conflict) return { reason: cause.reason, detail: cause.data };
  if (cause instanceof Invalid) return { fieldErrors: cause.fieldErrors };
  if (cause instanceof TooMany) return { retryAfter: cause.retryAfter };
  if (cause instanceof z.ZodError) return { fieldErrors: fieldErrorsOf(cause) };
  return {};
}

/** By path as a form names it: tasks[0].name. The empty path is the whole input. */
export function fieldErrorsOf(error: z.ZodError): Record<string, string[]> {
  const byField: Record<string, string[]> = {};
  for (const { path, message } of error.issues) {
    const field = path
      .map((part, i) => (typeof part === "number" ? `[${part}]` : `${i ? "." : ""}${String(part)}`))
      .join("");
    byField[field] = [...(byField[field] ?? []), message];
  }
  return byField;
}

/** The one place where a service's error becomes tRPC's. */
const mapErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof DomainError) {
    const { cause } = result.error;
    throw new TRPCError({ code: codeOf(cause), message: cause.message, cause });
  }
  if (!result.ok) {
    const refusal = refusedValues[sqlStateOf(result.error.cause) ?? ""];
    if (refusal) throw new TRPCError({ code: "BAD_REQUEST", message: refusal, cause: result.error.cause });
  }
  return result;
});

const holdsNul = "A text in this call holds a NUL character, which cannot be stored. Remove it.";
const wrongForm = "A value in this call does not have the form it needs. If it is a cursor, start again without it.";

/** What only the database finds wrong with a value, by SQLSTATE: looking at every text of every call would cost all for few. */
const refusedValues: Record<string, string> = {
  "22021": holdsNul,
  "22P05": holdsNul,
  "22P02": wrongForm,
  "22003": wrongForm,
  "22007": wrongForm,
  "22008": wrongForm,
};

/** Drizzle wraps the driver's error once; raw statements let it through. */
function sqlStateOf(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const state = typeof code === "string" ? code : cause?.code;
  return typeof state === "string" ? state : undefined;
}

function codeOf(error: DomainError): TRPCError["code"] {
  if (error instanceof NotFound) return "NOT_FOUND";
  if (error instanceof Conflict) return "CONFLICT";
  if (error instanceof Forbidden) return "FORBIDDEN";
  if (error instanceof Invalid) return "BAD_REQUEST";
  return error instanceof Overloaded ? "SERVICE_UNAVAILABLE" : "TOO_MANY_REQUESTS";
}

const signIn = () => new TRPCError({ code: "UNAUTHORIZED", message: "Sign in, or send a valid agent token." });
const notAllowed = (message: string) => new TRPCError({ code: "FORBIDDEN", message });

/** A person of at least this role. */
function personOf(role: Role) {
  return t.middleware(({ ctx, next }) => {
    if (!ctx.actor) throw signIn();
    if (ctx.actor.type !== "person") throw notAllowed("This is for people. An agent acts only on its own runs.");
    if (roles.indexOf(ctx.actor.role) < roles.indexOf(role)) throw notAllowed(`This needs the role ${role}.`);
    return next({ ctx: ctx as Ctx<PersonActor> & RequestContext });
  });
}

const anyMember = t.middleware(({ ctx, next }) => {
  if (!ctx.actor) throw signIn();
  return next({ ctx: ctx as Ctx & RequestContext });
});

const anAgent = t.middleware(({ ctx, next }) => {
  if (!ctx.actor) throw signIn();
  if (ctx.actor.type !== "agent") throw notAllowed("This is for agents: send an agent's token.");
  const own = { work: ctx.work.of(ctx.actor.id) };
  return next({ ctx: { ...(ctx as Ctx<AgentActor> & RequestContext), ...own } });
});

/** What waits without work, or over connections of its own: leases must not end because everything else is too much. */
const alwaysAdmitted = new Set(["agents.heartbeat", "tasks.claim", "suggestions.wait"]);

const admitted = t.middleware(({ ctx, path, type, next }) =>
  type === "subscription" || alwaysAdmitted.has(path) ? next() : ctx.calls.run(() => next()),
);

const base = t.procedure.use(mapErrors).use(admitted);

/** No sign-in needed. */
export const forEveryone = base.meta({ who: "everyone" });
/** Any signed-in person or agent. */
export const forMembers = base.meta({ who: "members" }).use(anyMember);
export const forAgents = base.meta({ who: "agent" }).use(anAgent);
export const forViewers = base.meta({ who: "viewer" }).use(personOf("viewer"));
export const forOperators = base.meta({ who: "operator" }).use(personOf("operator"));
export const forAdmins = base.meta({ who: "admin" }).use(personOf("admin"));

export const { router, createCallerFactory } = t;
