import { useState } from "react";
import { useHydrated } from "~/hooks/useHydrated.ts";
import { Button } from "./Button.tsx";

/** Text to take elsewhere; without JavaScript it is selected by hand. */
export function CopyBlock({ label, text }: { label: string; text: string }) {
  const isHydrated = useHydrated();
  const [isCopied, setIsCopied] = useState(false);
  return (
    <div className="relative rounded-lg bg-well">
      <section
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto p-3 pr-24 font-mono text-xs leading-5"
      >
        <pre className="select-all">{text}</pre>
      </section>
      {isHydrated ? (
        <Button
          type="button"
          kind="quiet"
          className="absolute! top-1 right-1"
          onClick={() => void navigator.clipboard.writeText(text).then(() => setIsCopied(true))}
        >
          {isCopied ? "Copied" : "Copy"}
        </Button>
      ) : null}
    </div>
  );
}
