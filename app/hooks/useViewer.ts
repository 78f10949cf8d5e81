import { useRouteLoaderData } from "@remix-run/react";
import { type Role, roles } from "../../db/enums.ts";
import type { Person } from "../context.d.ts";

/** Who looks at the page. Pages hide what the role may not do; the server refuses it anyway. */
export function useViewer() {
  const root = useRouteLoaderData("root") as { actor: Person | null } | undefined;
  const person = root?.actor ?? null;
  const rank = person ? roles.indexOf(person.role) : -1;
  const isAtLeast = (role: Role) => rank >= roles.indexOf(role);
  return { person, canChange: isAtLeast("operator"), isAdmin: isAtLeast("admin") };
}
