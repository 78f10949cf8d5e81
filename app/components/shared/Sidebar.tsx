import { NavLink } from "@remix-run/react";
import { paths } from "~/paths.ts";
import { Icon, type IconName } from "./Icon.tsx";

const places: { to: string; word: string; icon: IconName }[] = [
  { to: paths.dashboard(), word: "Dashboard", icon: "home" },
  { to: paths.tasks(), word: "Board", icon: "board" },
  { to: paths.workflows(), word: "Workflows", icon: "graph" },
  { to: paths.suggestions(), word: "Decisions", icon: "inbox" },
  { to: paths.agents(), word: "Agents", icon: "robot" },
  { to: paths.audit(), word: "Audit", icon: "page" },
];

/** The six places: a column beside wide pages, a bar at the bottom of a phone. */
export function Sidebar({ waiting }: { waiting: number }) {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)] lg:static lg:border-0 lg:pb-0"
    >
      <ul className="flex justify-around lg:flex-col lg:gap-0.5">
        {places.map(({ to, word, icon }) => (
          <li key={to} className="min-w-0 flex-1">
            <NavLink
              to={to}
              prefetch="intent"
              className="relative flex min-h-11 flex-col items-center gap-1 px-1 py-2 text-2xs text-muted hover:text-text aria-[current]:font-semibold aria-[current]:text-text lg:min-h-0 lg:flex-row lg:gap-2 lg:rounded-md lg:px-2 lg:py-1.5 lg:text-sm lg:hover:bg-hover lg:aria-[current]:bg-accent-soft"
            >
              <Icon name={icon} />
              <span className="truncate">{word}</span>
              {to === paths.suggestions() && waiting > 0 ? <WaitingCount count={waiting} /> : null}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const WaitingCount = ({ count }: { count: number }) => (
  <span className="absolute ml-8 rounded-full bg-waiting-soft px-1.5 text-2xs font-semibold text-waiting lg:static lg:ml-auto">
    {count}
    <span className="sr-only"> waiting for you</span>
  </span>
);
