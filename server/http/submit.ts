import { TRPCError } from "@trpc/server";
import { z } from "zod";
import { Conflict, Invalid } from "../services/errors.ts";
import type { AppCaller } from "../trpc/caller.ts";
import { fieldErrorsOf } from "../trpc/trpc.ts";
import { nestedOf, textsOf } from "./form-data.ts";

/** What became of a form: the procedure's answer, or what to show beside its fields. Pages know it as `SubmitResult`. */
type Submitted<T> = { ok: true; value: T } | Refusal;

interface Refusal {
  ok: false;
  status: 422 | 409;
  fieldErrors?: Record<string, string[]>;
  formError?: string;
  reason?: string;
  data?: Record<string, unknown>;
  values: Record<string, string>;
}

/** Calls a procedure with a form's fields; what was refused comes back for the page to show beside them. */
export async function submit<T>(
  api: AppCaller,
  call: (api: AppCaller, input: never) => Promise<T>,
  form: FormData,
): Promise<Submitted<T>> {
  try {
    // The procedure's own schema parses the fields, so they are offered as whatever it takes.
    return { ok: true, value: await call(api, nestedOf(form) as never) };
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    const values = textsOf(form);
    switch (error.code) {
      case "BAD_REQUEST": {
        const fieldErrors = fieldErrorsIn(error.cause);
        const formError =
          fieldErrors[""]?.join(" ") ?? (Object.keys(fieldErrors).length > 0 ? undefined : error.message);
        return { ok: false, status: 422, fieldErrors, values, ...(formError && { formError }) };
      }
      case "CONFLICT": {
        const { cause } = error;
        if (cause instanceof Conflict && cause.reason === "name_taken") {
          return { ok: false, status: 422, fieldErrors: { name: [error.message] }, values };
        }
        const why = cause instanceof Conflict ? { reason: cause.reason, data: cause.data } : {};
        return { ok: false, status: 409, formError: error.message, values, ...why };
      }
      case "TOO_MANY_REQUESTS":
      case "SERVICE_UNAVAILABLE":
        return { ok: false, status: 422, formError: error.message, values };
      default:
        throw error;
    }
  }
}

function fieldErrorsIn(cause: unknown): Record<string, string[]> {
  if (cause instanceof Invalid) return cause.fieldErrors;
  return cause instanceof z.ZodError ? fieldErrorsOf(cause) : {};
}
