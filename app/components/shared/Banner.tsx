import type { ReactNode } from "react";
import { Icon, type IconName } from "./Icon.tsx";

const tones = {
  waiting: { look: "bg-waiting-soft text-waiting", icon: "hourglass" },
  failed: { look: "bg-failed-soft text-failed", icon: "failed" },
  plain: { look: "bg-well text-text", icon: "info" },
  good: { look: "bg-completed-soft text-completed", icon: "done" },
} satisfies Record<string, { look: string; icon: IconName }>;

/** A sentence that the page opens with. `isNews` makes screen readers say it when it appears. */
export function Banner({
  tone = "plain",
  isNews = false,
  children,
}: {
  tone?: keyof typeof tones;
  isNews?: boolean;
  children: ReactNode;
}) {
  const { look, icon } = tones[tone];
  return (
    <div
      role={isNews ? "alert" : undefined}
      className={`flex items-start gap-2 rounded-md px-3 py-1.5 text-sm ${look}`}
    >
      <Icon name={icon} className="mt-px" />
      <div className="flex min-w-0 flex-1 flex-wrap gap-x-2 gap-y-1">{children}</div>
    </div>
  );
}
