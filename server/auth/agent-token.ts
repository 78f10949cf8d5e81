import { createHash, randomBytes } from "node:crypto";
import type { Connection } from "../../db/client.ts";
import type { AgentActor } from "../services/context.ts";

const prefixLength = 12;
/** A revoked token is refused after this time at the latest. */
const rememberMs = 1000;

/** A token that only the caller will ever see whole: the database keeps its hash, and the prefix to tell it apart. */
export function newToken(): { token: string; prefix: string; hash: string } {
  const token = `wfd_${randomBytes(24).toString("base64url")}`;
  return { token, prefix: token.slice(0, prefixLength), hash: hashOf(token) };
}

export const hashOf = (token: string) => createHash("sha256").update(token).digest("hex");

/** The one statement says what makes a token good; sockets ask it again by id. */
export const goodToken = `
  t.revoked_at is null and (t.expires_at is null or t.expires_at > now()) and a.archived_at is null`;

export interface AgentTokens {
  /** The agent whose good token this is. */
  agentOf(token: string): Promise<AgentActor | null>;
}

/** Looks tokens up by hash and remembers the answers for a second, so that a busy agent costs no lookup per call. */
export function agentTokens(db: Connection): AgentTokens {
  const known = new Map<string, { until: number; answer: Promise<AgentActor | null> }>();

  async function lookUp(hash: string): Promise<AgentActor | null> {
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

  return {
    agentOf(token) {
      if (!token.startsWith("wfd_") || token.length > 100) return Promise.resolve(null);
      const hash = hashOf(token);
      const now = performance.now();
      const kept = known.get(hash);
      if (kept && kept.until > now) return kept.answer;
      if (known.size > 10_000) known.clear();
      const answer = lookUp(hash);
      known.set(hash, { until: now + rememberMs, answer });
      answer.catch(() => known.delete(hash));
      return answer;
    },
  };
}
