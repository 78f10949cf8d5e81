import type { ReactNode } from "react";

const tones = {
  plain: "bg-well text-muted",
  waiting: "bg-waiting-soft font-semibold text-waiting",
  policy: "bg-policy-soft text-policy",
};

export function Badge({ tone = "plain", children }: { tone?: keyof typeof tones; children: ReactNode }) {
  return (
    <span className={`inline-flex h-5 min-w-0 items-center rounded-sm px-1.5 text-xs whitespace-nowrap ${tones[tone]}`}>
      {children}
    </span>
  );
}

/** What an agent can do, or a task needs. */
function Capability({ children }: { children: string }) {
  return <span className="rounded-sm bg-well px-1.5 py-0.5 font-mono text-xs break-all">{children}</span>;
}

export function Capabilities({ list }: { list: string[] }) {
  return (
    <span className="flex flex-wrap gap-1">
      {list.map((capability) => (
        <Capability key={capability}>{capability}</Capability>
      ))}
    </span>
  );
}
