import { Icon } from "./Icon.tsx";

export function Spinner({ word }: { word: string }) {
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-muted">
      <span className="animate-turn">
        <Icon name="turn" className="size-3.5" />
      </span>
      {word}
    </span>
  );
}
