import type { Connection } from "../../db/client.ts";
import type { Role } from "../../db/enums.ts";
import type { AgentActor, PersonActor } from "../services/context.ts";
import { goodToken } from "./agent-token.ts";

/** What an open socket was let in with. */
export type Credential = { kind: "session"; id: string; role: Role } | { kind: "token"; id: string };

/** What an agent or a signed-in person was let in with. */
export function credentialOf(
  agent: AgentActor | null,
  person: { sessionId: string; actor: PersonActor } | null,
): Credential | undefined {
  if (agent) return { kind: "token", id: agent.tokenId };
  return person ? { kind: "session", id: person.sessionId, role: person.actor.role } : undefined;
}

/** Which of these credentials would still be let in the same way: not revoked, expired or disabled, and of the same role. */
export async function stillGood(db: Connection, credentials: Iterable<Credential>): Promise<Set<Credential>> {
  const all = [...credentials];
  const idsOf = (kind: Credential["kind"]) => {
    const ids = new Set(all.filter((credential) => credential.kind === kind).map(({ id }) => id));
    return JSON.stringify([...ids]);
  };
  const rows = await db.query<{ id: string; role: Role | null }>(
    `select s.id, u.role from sessions s join users u on u.id = s.user_id
     where s.id in (select value::uuid from json_array_elements_text($1::json))
       and s.expires_at > now() and u.disabled_at is null
     union all
     select t.id, null from agent_tokens t join agents a on a.id = t.agent_id
     where t.id in (select value::uuid from json_array_elements_text($2::json)) and ${goodToken}`,
    [idsOf("session"), idsOf("token")],
  );
  const good = new Map(rows.map(({ id, role }) => [id, role]));
  return new Set(
    all.filter((credential) =>
      credential.kind === "token" ? good.has(credential.id) : good.get(credential.id) === credential.role,
    ),
  );
}
