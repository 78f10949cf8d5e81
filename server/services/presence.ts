import type { Database } from "../../db/client.ts";
import { lockAgents } from "./agents/find.ts";

/**
 * Signs of life. Any authenticated call counts; they are gathered here and written together, so that a heartbeat
 * costs the database nothing by itself.
 */
export class Presence {
  #seen = new Map<string, { version: string | undefined }>();

  note(agentId: string, version?: string): void {
    this.#seen.set(agentId, { version: version ?? this.#seen.get(agentId)?.version });
  }

  /** Writes what was noted since the last flush, by the database's clock. */
  async flush(db: Database): Promise<void> {
    if (this.#seen.size === 0) return;
    const seen = [...this.#seen].map(([id, { version }]) => ({ id, version }));
    this.#seen.clear();
    await db.transaction(async (tx) => {
      await lockAgents(
        tx,
        seen.map(({ id }) => id),
      );
      await tx.query(
        `update agents a set last_seen = now(), version = coalesce(s.version, a.version)
         from json_to_recordset($1::json) as s(id uuid, version text) where a.id = s.id`,
        [JSON.stringify(seen)],
      );
    });
  }
}
