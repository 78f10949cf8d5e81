import "@remix-run/server-runtime";
import type { Role } from "../db/enums.ts";
import type { AppCaller } from "../server/trpc/caller.ts";

export interface Person {
  type: "person";
  id: string;
  name: string;
  role: Role;
}

/** What became of a form: the procedure's answer, or what to show beside its fields. */
export type SubmitResult<T> = { ok: true; value: T } | Refusal;

export interface Refusal {
  ok: false;
  status: 422 | 409;
  fieldErrors?: Record<string, string[]>;
  formError?: string;
  /** Of a conflict: the machine-readable reason and what the service said about it. */
  reason?: string;
  data?: Record<string, unknown>;
  /** As they were sent, to fill the form again. */
  values: Record<string, string>;
}

declare module "@remix-run/server-runtime" {
  /** What the host gives to every loader and action. */
  interface AppLoadContext {
    /** The router as plain functions, bound to the request's actor. */
    api: AppCaller;
    actor: Person | null;
    nonce: string;
    requestId: string;
    /** The address of this site, as in https://factory.example, for links that leave it. */
    site: string;
    needsSetup: boolean;
    /** The low-water mark of the event log. Take it before reading rows, so that all that it covers is in them. */
    cursor(): Promise<string>;
    submit<T>(call: (api: AppCaller, input: never) => Promise<T>, form: FormData): Promise<SubmitResult<T>>;
    auth: {
      /** Whom a link invites; null when it no longer works. */
      invitedBy(token: string): Promise<{ name: string; email: string } | null>;
      signIn(email: string, password: string): Promise<{ ok: true; headers: Headers } | { ok: false; message: string }>;
      signOut(): Promise<Headers>;
      setup(fields: {
        token: string;
        name: string;
        email: string;
        password: string;
      }): Promise<
        { ok: true; headers: Headers } | { ok: false; message: string; fieldErrors?: Record<string, string[]> }
      >;
    };
  }

  interface Future {
    v3_singleFetch: true;
  }
}
