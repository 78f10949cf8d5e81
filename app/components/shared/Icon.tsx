import type { ReactNode } from "react";

/** Drawn on a 16-unit grid with a 1.5 line; the word beside it carries the meaning, so screen readers skip it. */
export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 16 16"
      className={`size-4 shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      {icons[name]}
    </svg>
  );
}

const filledDisc = <circle cx="8" cy="8" r="6" fill="currentColor" stroke="none" />;
const ring = <circle cx="8" cy="8" r="5.25" />;
const filledDiamond = <path d="M8 1.9 14.1 8 8 14.1 1.9 8z" fill="currentColor" stroke="none" />;

export const icons = {
  home: <path d="M2.5 9.5 8 3l5.5 6.5M4 8v5.5h8V8" />,
  board: <path d="M3 3h2.5v10H3zM6.75 3h2.5v6h-2.5zM10.5 3H13v8h-2.5z" />,
  graph: (
    <>
      <circle cx="4" cy="4" r="1.75" />
      <circle cx="12" cy="8" r="1.75" />
      <circle cx="4" cy="12" r="1.75" />
      <path d="M5.75 4H8a2 2 0 0 1 2 2v0M5.75 12H8a2 2 0 0 0 2-2v0" />
    </>
  ),
  inbox: <path d="M2.5 9h3l1 2h3l1-2h3M2.5 9v4h11V9L11.5 3h-7z" />,
  robot: (
    <>
      <rect x="3" y="5" width="10" height="8" rx="2" />
      <path d="M8 2.5V5M6 9h.01M10 9h.01" />
    </>
  ),
  page: <path d="M4 2.5h6l2.5 2.5v8.5H4zM6 7h4M6 10h4" />,
  sliders: <path d="M3 4.5h6M12 4.5h1M3 11.5h1M7 11.5h6M10.5 3v3M5.5 10v3" />,
  moon: <path d="M8 2.5a5.5 5.5 0 1 0 5.5 6A4.2 4.2 0 0 1 8 2.5z" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="2.75" />
      <path d="M8 1.5v1.5M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1" />
    </>
  ),
  contrast: (
    <>
      {ring}
      <path d="M8 2.75a5.25 5.25 0 0 1 0 10.5z" fill="currentColor" />
    </>
  ),
  cross: <path d="m4 4 8 8m0-8-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  info: (
    <>
      <circle cx="8" cy="8" r="5.75" />
      <path d="M8 7.5v3.2M8 5.2v.01" />
    </>
  ),
  turn: <path d="M13 8a5 5 0 0 1-9.2 2.7M3 8a5 5 0 0 1 9.2-2.7M12.5 2.5v3h-3M3.5 13.5v-3h3" />,
  unplugged: <path d="M5.5 2.5v3M10.5 2.5v3M4 5.5h8V8a4 4 0 0 1-8 0zM8 12v2" />,
  arrow: <path d="M3 8h10M9 4l4 4-4 4" />,
  file: <path d="M4.5 2.5H9L12 5.5v8H4.5zM9 2.5v3h3" />,

  ring,
  half: (
    <>
      {ring}
      <path d="M8 4.5a3.5 3.5 0 0 1 0 7z" fill="currentColor" stroke="none" />
    </>
  ),
  done: (
    <>
      {filledDisc}
      <path d="m5.4 8.2 1.8 1.8 3.4-3.8" stroke="var(--surface)" />
    </>
  ),
  failed: (
    <>
      {filledDiamond}
      <path d="m6.2 6.2 3.6 3.6m0-3.6L6.2 9.8" stroke="var(--surface)" />
    </>
  ),
  struck: (
    <>
      {ring}
      <path d="m4.4 11.6 7.2-7.2" />
    </>
  ),
  hourglass: <path d="M4.5 2.5h7M4.5 13.5h7M5.25 2.5v2L8 8l2.75-3.5v-2M5.25 13.5v-2L8 8l2.75 3.5v2" />,
  draft: <circle cx="8" cy="8" r="5.25" strokeDasharray="2.2 2" />,
  paused: (
    <>
      {ring}
      <path d="M6.6 6v4M9.4 6v4" />
    </>
  ),
  timedOut: (
    <>
      {filledDiamond}
      <path d="M8 5.4V8l1.7 1.2" stroke="var(--surface)" />
    </>
  ),
  lost: (
    <>
      <path d="M8 1.9 14.1 8 8 14.1 1.9 8z" strokeDasharray="2.6 1.9" />
      <path d="M8 5.6v3M8 10.6v.01" />
    </>
  ),
  dot: <circle cx="8" cy="8" r="3.6" fill="currentColor" stroke="none" />,
  busy: (
    <>
      {ring}
      <circle cx="8" cy="8" r="2.4" fill="currentColor" stroke="none" />
    </>
  ),
  draining: (
    <>
      {ring}
      <path d="M8 5.4v5M6 8.6l2 2 2-2" />
    </>
  ),
  offline: <circle cx="8" cy="8" r="3.6" strokeDasharray="2 1.8" />,
  changes: (
    <>
      {ring}
      <path d="M10 6 6.6 9.4 6 10.6l1.2-.6L10.6 6.6" />
    </>
  ),
  clock: (
    <>
      {ring}
      <path d="M8 5.2V8l1.8 1.2" />
    </>
  ),
  back: (
    <>
      {ring}
      <path d="M10.5 8h-5M7.3 6.2 5.5 8l1.8 1.8" />
    </>
  ),
  layers: <path d="m2.5 6.2 5.5-3 5.5 3-5.5 3zM3 9.6l5 2.8 5-2.8" />,
  shield: (
    <>
      <path d="M8 2l5 1.8v3.9c0 3-2.1 5.2-5 6.3-2.9-1.1-5-3.3-5-6.3V3.8z" />
      <path d="m5.9 7.9 1.5 1.5 2.8-3" />
    </>
  ),
  cog: (
    <>
      <circle cx="8" cy="8" r="2.1" />
      <path d="M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof icons;
