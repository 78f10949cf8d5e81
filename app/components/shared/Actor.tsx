import type { ActorType } from "../../../db/enums.ts";
import { Icon } from "./Icon.tsx";

/** Who did it: round people, square agents, a shield for policies, a cog for the product itself; always with the name. */
export function Actor({ type, name }: { type: ActorType; name: string }) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5 align-middle">
      <ActorSign type={type} name={name} />
      <span className="truncate">{name}</span>
      {type === "person" ? null : <span className="sr-only">, {type}</span>}
    </span>
  );
}

function ActorSign({ type, name }: { type: ActorType; name: string }) {
  if (type === "policy") return <Icon name="shield" className="text-policy" />;
  if (type === "system") return <Icon name="cog" className="text-system" />;
  const shape = type === "agent" ? "rounded-sm bg-agent-soft text-agent" : "rounded-full bg-person-soft text-person";
  return (
    <span
      aria-hidden="true"
      className={`grid size-4.5 shrink-0 place-items-center text-2xs font-semibold uppercase ${shape}`}
    >
      {[...name][0] ?? "?"}
    </span>
  );
}
