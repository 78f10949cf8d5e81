import { useFetcher, useLocation } from "@remix-run/react";
import type { ReactNode } from "react";
import type { Refusal } from "~/context.d.ts";
import { Button, type ButtonKind } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

/** A transition as one button. Without JavaScript it is a plain form; a refusal is said beside it. */
export function ActionForm({
  action,
  word,
  pendingWord,
  kind = "plain",
  fields = {},
  children,
}: {
  action: string;
  word: ReactNode;
  pendingWord: string;
  kind?: ButtonKind;
  fields?: Record<string, string | number>;
  children?: ReactNode;
}) {
  const fetcher = useFetcher<Refusal>();
  const { pathname, search } = useLocation();
  const refusal = fetcher.data?.ok === false ? fetcher.data : null;
  return (
    <fetcher.Form method="post" action={action} preventScrollReset className="flex flex-wrap items-end gap-2">
      <input type="hidden" name="back" value={pathname + search} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      <Button kind={kind} isPending={fetcher.state !== "idle"} pendingWord={pendingWord}>
        {word}
      </Button>
      {refusal ? <RefusalNote refusal={refusal} /> : null}
    </fetcher.Form>
  );
}

export function RefusalNote({ refusal }: { refusal: Refusal }) {
  const said =
    refusal.formError ??
    Object.values(refusal.fieldErrors ?? {})
      .flat()
      .join(" ");
  return (
    <p role="alert" className="flex w-full items-start gap-1.5 text-sm text-failed">
      <Icon name="failed" className="mt-px" />
      <span>{said || "This was refused. Load the page again and look."}</span>
    </p>
  );
}

/** A change that asks first: what it will do, then the button. Opens in place, also without JavaScript. */
export function AskFirst({
  word,
  kind = "danger",
  children,
}: {
  word: string;
  kind?: "danger" | "plain";
  children: ReactNode;
}) {
  return (
    <details className="relative max-md:open:w-full">
      <summary
        className={`inline-flex h-8 items-center rounded-md border border-edge bg-surface px-3 text-sm font-medium whitespace-nowrap touch:h-11 ${kind === "danger" ? "text-failed hover:bg-failed-soft" : "hover:bg-hover"}`}
      >
        {word}
      </summary>
      <div className="mt-1 grid gap-3 rounded-lg border border-line bg-raised p-4 text-sm shadow-float md:absolute md:right-0 md:z-20 md:w-80">
        {children}
      </div>
    </details>
  );
}
