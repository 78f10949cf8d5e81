import type { ReactNode } from "react";

/** What this is, and what to do next. */
export function EmptyState({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="rounded-lg border border-dashed border-line-strong px-5 py-8">
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="mt-1 max-w-[66ch] text-muted">{children}</p>
      {action ? <div className="mt-4 flex flex-wrap gap-2">{action}</div> : null}
    </div>
  );
}
