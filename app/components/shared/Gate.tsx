import type { ReactNode } from "react";
import { Brand } from "./Header.tsx";

/** The frame of the pages before one is signed in. */
export function Gate({ title, note, children }: { title: string; note: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex min-h-dvh w-full max-w-96 flex-col justify-center px-4 py-10">
      <p className="mb-8 flex items-center gap-2 font-semibold">
        <Brand /> Workflow Factory
      </p>
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-1 text-muted">{note}</p>
      {children}
    </div>
  );
}
