import type { Connection } from "../../db/client.ts";
import { hashToken } from "../services/agents/token.ts";
import type { AgentActor } from "../services/context.ts";

/** A revoked token is refused after this time at the latest. */
const rememberMs = 1000;

/** What makes a token good; `t` is the token, `a` its agent. */
export const goodToken = `
  t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and a.archived_at is null`;

/** Looks tokens up by hash and remembers the answers for a second, so that a busy agent costs no lookup per call. */
export function agentTokens(db: Connection): (token: string) => Promise<AgentActor | null> {
  const known = new Map<string, { until: number; answer: Promise<AgentActor | null> }>();

  return (token) => {
    if (token.length > 200) return Promise.resolve(null);
    const hash = hashToken(token);
    const now = performance.now();
    const kept = known.get(hash);
    if (kept && kept.until > now) return kept.answer;
    if (known.size > 10_000) known.clear();
    const answer = lookUp(db, hash);
    known.set(hash, { until: now + rememberMs, answer });
    answer.catch(() => known.delete(hash));
    return answer;
  };
}

async function lookUp(db: Connection, hash: string): Promise<AgentActor | null> {
  const [row] = await db.query<{ id: string; name: string; token_id: string; is_stale: boolean }>(
    `select a.id, a.name, t.id as token_id,
       (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as is_stale
     from agent_tokens t join agents a on a.id = t.agent_id
     where t.hash = $1 and ${goodToken}`,
    [hash],
  );
  if (!row) return null;
  if (row.is_stale) await db.query("update agent_tokens set last_used_at = now() where id = $1", [row.token_id]);
  return { type: "agent", id: row.id, name: row.name, tokenId: row.token_id };
}
