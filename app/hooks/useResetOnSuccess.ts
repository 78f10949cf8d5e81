import type { Fetcher } from "@remix-run/react";
import { useEffect, useRef } from "react";

/** Empties a form once its change went through; what was refused stays in its fields. */
export function useResetOnSuccess(fetcher: Pick<Fetcher<unknown>, "state" | "data">) {
  const form = useRef<HTMLFormElement>(null);
  const wasBusy = useRef(false);
  useEffect(() => {
    if (fetcher.state !== "idle") wasBusy.current = true;
    else if (wasBusy.current) {
      wasBusy.current = false;
      const isRefused = (fetcher.data as { ok?: boolean } | undefined)?.ok === false;
      if (!isRefused) form.current?.reset();
    }
  }, [fetcher.state, fetcher.data]);
  return form;
}
