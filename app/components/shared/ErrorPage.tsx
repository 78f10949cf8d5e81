import { isRouteErrorResponse, useRouteError, useRouteLoaderData } from "@remix-run/react";
import { paths } from "~/paths.ts";
import { ButtonLink } from "./Button.tsx";

interface Told {
  code: string;
  title: string;
  text: string;
}

/** A page that cannot be shown: what happened, what is unharmed, what to do. */
export function ErrorPage() {
  const error = useRouteError();
  const root = useRouteLoaderData("root") as { requestId?: string } | undefined;
  const { code, title, text } = tellOf(error, root?.requestId);
  return (
    <div className="max-w-[66ch] py-10">
      <p className="text-sm text-muted">{code}</p>
      <h1 className="mt-1 text-xl font-semibold">{title}</h1>
      <p className="mt-2 text-muted">{text}</p>
      <div className="mt-5 flex flex-wrap gap-2">
        <ButtonLink to="" kind="main" reloadDocument>
          Try again
        </ButtonLink>
        <ButtonLink to={paths.tasks()}>Open the board</ButtonLink>
        <ButtonLink to={paths.audit()}>Search the audit</ButtonLink>
      </div>
    </div>
  );
}

function tellOf(error: unknown, requestId: string | undefined): Told {
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return unanswered;
  if (!isRouteErrorResponse(error)) return fault(requestId);
  const said = (error.data as { message?: string } | null)?.message;
  switch (error.status) {
    case 404:
      return {
        code: "404, not found",
        title: "There is nothing at this address",
        text: "The link may be cut short, or what it led to was removed for good. Its history is still in the audit.",
      };
    case 400:
      return {
        code: "400",
        title: "This address says something odd",
        text: said ?? "Check what follows the question mark.",
      };
    case 401:
      return { code: "401", title: "You are signed out", text: "Sign in again. Nothing was changed." };
    case 403:
      return {
        code: "403, not allowed",
        title: "This is not open to you",
        text: `${said ?? ""} Nothing was changed. Anyone with the admin role can change your role.`.trim(),
      };
    case 405:
      return { code: "405", title: "This address only takes forms", text: "Go back to the page with the button." };
    case 409:
      return { code: "409", title: "Something was faster", text: said ?? "What you saw has changed. Load it again." };
    case 429:
      return { code: "429", title: "Too many requests", text: said ?? "Wait a moment, then try again." };
    case 503:
      return said ? { code: "503", title: "The factory is too busy", text: said } : unanswered;
    case 502:
    case 504:
      return unanswered;
    default:
      return fault(requestId);
  }
}

/** The instance went away with the request in its hands, or the network did. */
const unanswered: Told = {
  code: "No answer",
  title: "The factory did not answer",
  text: "If you had sent something, it may have been taken in or not: load the page and look before you send it again.",
};

const fault = (requestId: string | undefined): Told => ({
  code: "500, failed",
  title: "This page could not be made",
  text: `The fault is ours; nothing was changed.${requestId ? ` If it comes back, give your operator this request id: ${requestId}` : ""}`,
});
