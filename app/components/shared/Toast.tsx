import { useFetcher, useLocation } from "@remix-run/react";
import { useEffect, useRef, useState } from "react";
import type { Refusal } from "~/context.d.ts";
import { useHydrated } from "~/hooks/useHydrated.ts";
import { refusalOf } from "~/lib/refusal.ts";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

export interface ToastMessage {
  text: string;
  detail?: string | undefined;
  undo?: { action: string; fields?: Record<string, string> | undefined } | undefined;
}

const staysMs = 10_000;

/** What just happened, and Undo. Goes after ten seconds, but not from under the pointer or the focus. */
export function Toast({ message, onGone }: { message: ToastMessage; onGone: () => void }) {
  const isHydrated = useHydrated();
  const [isRead, setIsRead] = useState(false);
  const gone = useRef(onGone);
  gone.current = onGone;
  useEffect(() => {
    if (isRead) return;
    const timer = setTimeout(() => gone.current(), staysMs);
    return () => clearTimeout(timer);
  }, [isRead]);
  return (
    <div
      role="status"
      onPointerEnter={() => setIsRead(true)}
      onPointerLeave={() => setIsRead(false)}
      onFocus={() => setIsRead(true)}
      onBlur={() => setIsRead(false)}
      className="fixed right-4 bottom-18 z-40 flex w-full max-w-[min(24rem,calc(100vw-2rem))] animate-arrive items-start gap-2 rounded-lg border border-line bg-raised py-2 pr-2 pl-3 text-sm shadow-float lg:bottom-4"
    >
      <Icon name="info" className="mt-1.5 text-muted" />
      <div className="min-w-0 flex-1 py-1">
        <p className="font-medium break-words">{message.text}</p>
        {message.detail ? <p className="mt-0.5 text-xs text-muted">{message.detail}</p> : null}
      </div>
      {message.undo ? <Undo undo={message.undo} /> : null}
      {isHydrated ? (
        <Button kind="quiet" type="button" className="w-8 px-0!" title="Dismiss" onClick={onGone}>
          <Icon name="cross" />
          <span className="sr-only">Dismiss</span>
        </Button>
      ) : null}
    </div>
  );
}

function Undo({ undo }: { undo: NonNullable<ToastMessage["undo"]> }) {
  const { pathname, search } = useLocation();
  const fetcher = useFetcher<Refusal>();
  const refusal = refusalOf(fetcher.data);
  if (refusal) return <p className="py-1 text-failed">Not undone: {refusal.formError}</p>;
  return (
    <fetcher.Form method="post" action={undo.action} preventScrollReset>
      {Object.entries(undo.fields ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <input type="hidden" name="back" value={pathname + search} />
      <Button kind="quiet" className="text-accent!" isPending={fetcher.state !== "idle"} pendingWord="Undoing…">
        Undo
      </Button>
    </fetcher.Form>
  );
}
