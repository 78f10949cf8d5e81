import { useState } from "react";
import { useHydrated } from "~/hooks/useHydrated.ts";
import { Button } from "./Button.tsx";

/** Text to take elsewhere; without JavaScript it is selected by hand. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  const isHydrated = useHydrated();
  const [isCopied, setIsCopied] = useState(false);
  return (
    <div className="rounded-lg bg-well">
      <div className="flex min-h-8 items-center border-b border-line pl-3 text-xs text-muted touch:min-h-11">
        {label}
        {isHydrated ? (
          <Button
            type="button"
            kind="quiet"
            className="ml-auto flex!"
            onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}
          >
            {isCopied ? "Copied" : "Copy"}
          </Button>
        ) : null}
      </div>
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto p-3 font-mono text-xs leading-5"
      >
        <pre className="select-all">{text}</pre>
      </section>
    </div>
  );
}
