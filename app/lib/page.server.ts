import { type ActionFunctionArgs, type AppLoadContext, data, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { type Channel, type Role, roles } from "../../db/enums.ts";
import type { Person, Refusal, SubmitResult } from "../context.d.ts";
import { paths } from "../paths.ts";
import { wrongParts } from "./bad-address.ts";
import { type Said, sayHeader } from "./said.server.ts";

type SignedIn<Args extends LoaderFunctionArgs> = Args & { person: Person };

/**
 * A page's loader: for people who are signed in, with the stream's cursor taken before anything is read, and the
 * router's refusals as the statuses they are. `channels` are what the page listens to from that cursor on; `formKey`
 * makes its forms idempotent; a page that is nothing but a form is for the role that may send it. What the loader returns as
 * `refreshAt` is when the page should read its data again, events or not.
 */
export function page<Data extends object>(
  channels: Channel[],
  load: (args: SignedIn<LoaderFunctionArgs>) => Promise<Data>,
  least: Role = "viewer",
) {
  return async (args: LoaderFunctionArgs) => {
    const person = whoIsSignedIn(args);
    refuseNonsense(args);
    if (roles.indexOf(person.role) < roles.indexOf(least)) {
      throw data({ message: `This is for people with the role ${least}; yours is ${person.role}.` }, { status: 403 });
    }
    try {
      const cursor = await args.context.cursor();
      const loaded = await load({ ...args, person });
      return {
        ...loaded,
        live: { cursor, channels, refreshAt: (loaded as { refreshAt?: Date }).refreshAt },
        formKey: crypto.randomUUID() as string,
      };
    } catch (error) {
      throw asResponse(error);
    }
  };
}

/** A loader that answers by itself, such as a download: for people who are signed in, with the same refusals. */
export function guarded(load: (args: SignedIn<LoaderFunctionArgs>) => Promise<Response>) {
  return async (args: LoaderFunctionArgs) => {
    const person = whoIsSignedIn(args);
    refuseNonsense(args);
    try {
      return await load({ ...args, person });
    } catch (error) {
      throw asResponse(error);
    }
  };
}

/**
 * An action: for people who are signed in. `fields` is what the procedure gets: the form with the address's id, and
 * without what only the page needs.
 */
export function change<Answer>(
  act: (args: SignedIn<ActionFunctionArgs> & { form: FormData; fields: FormData; id: string }) => Promise<Answer>,
) {
  return async (args: ActionFunctionArgs) => {
    const person = whoIsSignedIn(args);
    try {
      const form = await args.request.formData();
      const id = args.params.id ?? "";
      const answer = await act({ ...args, person, form, fields: fieldsOf(form, id), id });
      if (!(answer instanceof Response)) answeredInPlace.add(args.context);
      return answer;
    } catch (error) {
      throw asResponse(error);
    }
  };
}

const pageOnly = new Set(["back", "stay", "undo", "place"]);

function fieldsOf(form: FormData, id: string): FormData {
  const fields = new FormData();
  for (const [name, value] of form) if (!pageOnly.has(name)) fields.append(name, value);
  for (const [name, value] of new URLSearchParams(String(form.get("place") ?? ""))) fields.set(name, value);
  if (id) fields.set("id", id);
  return fields;
}

/** What a form says would take its change back. */
export const undoFields = (form: FormData) => Object.fromEntries(new URLSearchParams(String(form.get("undo") ?? "")));

/** Requests whose action answered with a page of its own; the loaders of that page run in the same context. */
const answeredInPlace = new WeakSet<AppLoadContext>();

/**
 * The loader of an address that only takes forms: whoever opens it otherwise lands on the page with the button. `back` is
 * where the form was.
 */
export const onlyForms =
  (pageOf: (id: string) => string) =>
  ({ params, context, request }: LoaderFunctionArgs) => {
    const page = pageOf(params.id ?? "");
    if (!answeredInPlace.has(context)) return redirect(page);
    const from = pageOfForm(request);
    return { back: from && from !== new URL(request.url).pathname ? from : page };
  };

/**
 * Ends an action: to the next page with a word about what was done, or back with what was refused. A form that sends
 * `stay` (drag and drop does) is answered in place.
 */
export function done<T>(
  result: SubmitResult<T>,
  form: FormData,
  next: { to: string | ((value: T) => string); said?: Said | ((value: T) => Said) },
) {
  if (!result.ok) return refused(result);
  const said = typeof next.said === "function" ? next.said(result.value) : next.said;
  if (form.has("stay")) return data({ ok: true as const, said });
  const to = typeof next.to === "function" ? next.to(result.value) : next.to;
  return redirect(to, said ? { headers: { "Set-Cookie": sayHeader(said) } } : undefined);
}

/** A list's errors belong to the one field that the list was typed into. */
export function refused(refusal: Refusal) {
  const fieldErrors: Record<string, string[]> = {};
  for (const [name, messages] of Object.entries(refusal.fieldErrors ?? {})) {
    const field = name.replace(/\[\d+\]$/, "");
    fieldErrors[field] = [...new Set([...(fieldErrors[field] ?? []), ...messages])];
  }
  return data({ ...refusal, fieldErrors }, { status: refusal.status });
}

/** Where a form wants to return to: an address of this site, else the fallback. */
export function backTo(form: FormData, fallback: string): string {
  const to = String(form.get("back") ?? "");
  return isOurs(to) ? to : fallback;
}

/** A path that stays on this site whatever a browser makes of slashes, backslashes and control characters. */
export const isOurs = (to: string) => /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(to);

function whoIsSignedIn({ context, request }: LoaderFunctionArgs): Person {
  if (context.actor) return context.actor;
  if (context.needsSetup) throw redirect(paths.setup());
  const { pathname, search } = new URL(request.url);
  if (request.method === "GET") throw redirect(paths.login({ to: pathname + search }));
  throw redirect(paths.login({ to: pageOfForm(request), lost: true }));
}

/** The page that a form was on, where its sender wants to go on after signing in. */
function pageOfForm(request: Request): string | undefined {
  const referrer = request.headers.get("referer") ?? "";
  if (!URL.canParse(referrer)) return;
  const { pathname, search } = new URL(referrer);
  return isOurs(pathname + search) ? pathname + search : undefined;
}

/** An address whose id is not even shaped like one leads nowhere, as one that nothing has. */
function refuseNonsense({ params: { id } }: LoaderFunctionArgs): void {
  if (id === undefined || /^([TW]-\d{1,9}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(id)) return;
  throw data({ message: "Nothing is at this address. It may be mistyped." }, { status: 404 });
}

const statusOf: Record<string, number> = {
  NOT_FOUND: 404,
  FORBIDDEN: 403,
  UNAUTHORIZED: 401,
  BAD_REQUEST: 400,
  CONFLICT: 409,
  TOO_MANY_REQUESTS: 429,
  PAYLOAD_TOO_LARGE: 413,
  SERVICE_UNAVAILABLE: 503,
};

/** The router's own refusals become pages of their status; a fault stays what it is. */
function asResponse(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== "TRPCError" || !("code" in error)) return error;
  const status = statusOf[String(error.code)];
  return status ? data({ message: wrongParts(error.cause) ?? error.message }, { status }) : error;
}
