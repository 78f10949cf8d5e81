import type { Connection } from "../../db/client.ts";
import { hashToken } from "../services/agents/token.ts";
import type { AgentActor } from "../services/context.ts";
import { gather, settled } from "../services/gather.ts";

/** A revoked token is refused after this time at the latest. */
const rememberMs = 1000;

/** What makes a token good; `t` is the token, `a` its agent. */
export const goodToken = `
  t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and a.archived_at is null`;

/**
 * Looks tokens up by hash and remembers the answers for a second, so that a busy agent costs no lookup per call. Tokens
 * that are asked for at the same time share a statement, so that a flood of wrong ones costs little.
 */
export function agentTokens(db: Connection): (token: string) => Promise<AgentActor | null> {
  const known = new Map<string, { until: number; answer: Promise<AgentActor | null> }>();
  const lookUp = gather(async (hashes: string[]) => {
    const found = await lookUpAll(db, hashes);
    return hashes.map((hash) => settled(found.get(hash) ?? null));
  });

  return (token) => {
    if (token.length > 200) return Promise.resolve(null);
    const hash = hashToken(token);
    const now = performance.now();
    const kept = known.get(hash);
    if (kept && kept.until > now) return kept.answer;
    if (known.size > 10_000) known.clear();
    const answer = lookUp(hash);
    known.set(hash, { until: now + rememberMs, answer });
    answer.catch(() => known.delete(hash));
    return answer;
  };
}

async function lookUpAll(db: Connection, hashes: string[]): Promise<Map<string, AgentActor>> {
  const rows = await db.query<{ hash: string; id: string; name: string; token_id: string; is_stale: boolean }>(
    `select t.hash, a.id, a.name, t.id as token_id,
       (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as is_stale
     from agent_tokens t join agents a on a.id = t.agent_id
     where t.hash = any($1::text[]) and ${goodToken}`,
    [hashes],
  );
  const stale = rows.filter((row) => row.is_stale).map((row) => row.token_id);
  if (stale.length > 0) {
    // Whoever is writing to a token at this moment is not waited for: the next call notes its use.
    await db.query(
      `update agent_tokens set last_used_at = now()
       where id in (select id from agent_tokens where id = any($1::uuid[]) order by id for no key update skip locked)`,
      [stale],
    );
  }
  return new Map(
    rows.map(({ hash, id, name, token_id }) => [hash, { type: "agent", id, name, tokenId: token_id } as const]),
  );
}
