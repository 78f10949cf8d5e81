import { Form, Link } from "@remix-run/react";
import type { Person } from "~/context.d.ts";
import { paths } from "~/paths.ts";
import { Actor } from "./Actor.tsx";
import { ConnectionChip } from "./ConnectionChip.tsx";
import { Icon } from "./Icon.tsx";
import { Sidebar } from "./Sidebar.tsx";
import { ThemeSwitch } from "./ThemeSwitch.tsx";

/** The frame around every page: the product, the six places, the connection, the account. */
export function Header({
  person,
  waiting,
  theme,
}: {
  person: Person;
  waiting: number;
  theme: "system" | "light" | "dark";
}) {
  return (
    <header className="sticky top-0 z-20 flex items-center gap-3 border-b border-line bg-canvas px-4 py-2 lg:h-dvh lg:flex-col lg:items-stretch lg:gap-5 lg:border-r lg:border-b-0 lg:px-3 lg:py-4">
      <Link to={paths.dashboard()} className="flex items-center gap-2 font-semibold lg:px-2">
        <Brand />
        <span className="max-md:sr-only">Workflow Factory</span>
      </Link>
      <Sidebar waiting={waiting} />
      <div className="ml-auto flex items-center gap-2 text-xs lg:mt-auto lg:ml-0 lg:flex-col lg:items-stretch lg:gap-2 lg:px-2">
        <span className="flex min-h-5 items-center">
          <ConnectionChip />
        </span>
        <div className="flex items-center justify-between gap-2">
          <details className="group relative min-w-0 lg:static">
            <summary className="flex min-h-6 max-w-32 items-center rounded-sm text-muted hover:text-text touch:min-h-11">
              <Actor type="person" name={person.name} />
              <span className="sr-only">: account</span>
            </summary>
            <Account person={person} />
          </details>
          <ThemeSwitch theme={theme} />
        </div>
      </div>
    </header>
  );
}

export const Brand = () => (
  <svg aria-hidden="true" viewBox="0 0 16 16" className="size-5 shrink-0 text-accent" fill="currentColor">
    <path d="M1 14V6l4 2.5V6l4 2.5V2h6v12z" />
  </svg>
);

const Account = ({ person }: { person: Person }) => (
  <div className="absolute right-0 z-30 mt-1 w-44 rounded-lg border border-line bg-raised p-1 text-sm shadow-float lg:bottom-12 lg:left-3 lg:right-auto">
    <p className="px-2 py-1 text-xs text-muted">You are signed in as {person.role}.</p>
    <Link
      to={paths.settings()}
      className="flex min-h-8 items-center gap-2 rounded-md px-2 hover:bg-hover touch:min-h-11"
    >
      <Icon name="sliders" /> Settings
    </Link>
    <Form method="post" action={paths.logout()}>
      <button
        type="submit"
        className="flex min-h-8 w-full items-center gap-2 rounded-md px-2 hover:bg-hover touch:min-h-11"
      >
        <Icon name="back" /> Sign out
      </button>
    </Form>
  </div>
);
