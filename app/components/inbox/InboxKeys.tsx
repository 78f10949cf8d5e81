import { useNavigate, useSearchParams } from "@remix-run/react";
import { useEffect } from "react";
import { Kbd } from "~/components/shared/Button.tsx";

/** J and K go through the list, A approves, R rejects (to the note, where the reason goes). Not while typing. */
export function InboxKeys({ ids, current }: { ids: string[]; current: string | undefined }) {
  const navigate = useNavigate();
  const [search] = useSearchParams();
  useEffect(() => {
    function go(step: number) {
      const to = ids[Math.min(ids.length - 1, Math.max(0, ids.indexOf(current ?? "") + step))];
      const query = new URLSearchParams(search);
      if (to) query.set("s", to);
      navigate(`?${query}`, { preventScrollReset: true, replace: true });
    }
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const form = document.querySelector<HTMLFormElement>("[data-decides]");
      switch (event.key.toLowerCase()) {
        case "j":
          return go(1);
        case "k":
          return go(-1);
        case "a":
          return form?.querySelector<HTMLButtonElement>('[data-key="a"]')?.click();
        case "r":
          return reject(form);
      }
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [ids, current, navigate, search]);
  return (
    <p className="hidden items-center gap-1.5 text-xs text-muted md:flex">
      <Kbd>J</Kbd>
      <Kbd>K</Kbd> move <Kbd>A</Kbd> approve <Kbd>R</Kbd> reject
    </p>
  );
}

/** A rejection without a reason teaches nobody: the first press goes to the note. */
function reject(form: HTMLFormElement | null): void {
  const note = form?.querySelector<HTMLTextAreaElement>('[name="note"]');
  if (note && note.value.trim() === "") note.focus();
  else form?.querySelector<HTMLButtonElement>('[data-key="r"]')?.click();
}

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));
