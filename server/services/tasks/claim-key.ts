import type { Connection } from "../../../db/client.ts";
import type { ClaimRequest } from "./claim.ts";
import type { ClaimedRow } from "./claim-start.ts";
import { taskJson, taskOf } from "./record-in-statement.ts";

/** Each request and the one that stands for it: the first of those of one agent that name the same key. */
export function claimsOf(requests: ClaimRequest[]): Map<ClaimRequest, ClaimRequest> {
  const named = new Map<string, ClaimRequest>();
  return new Map(
    requests.map((request) => {
      if (!request.key) return [request, request];
      const name = nameOf(request.ctx.actor.id, request.key);
      const claim = named.get(name) ?? request;
      named.set(name, claim);
      return [request, claim];
    }),
  );
}

/** What claims with these keys have taken and still hold. */
export async function claimedBefore(tx: Connection, requests: ClaimRequest[]): Promise<ClaimedRow[]> {
  const keyed = new Map(
    requests.filter(({ key }) => key).map((request) => [nameOf(request.ctx.actor.id, request.key), request]),
  );
  if (keyed.size === 0) return [];
  const rows = await tx.query<{
    agent_id: string;
    claim_key: string;
    id: string;
    attempt: number;
    lease_token: string;
    lease_expires_at: Date;
    json: string;
  }>(
    `select r.id, r.agent_id, r.claim_key, r.attempt, r.lease_token, r.lease_expires_at, ${taskJson("t")} as json
     from task_runs r join tasks t on t.id = r.task_id
     where r.agent_id = any($1::uuid[]) and r.ended_at is null and r.claim_key = any($2::text[])
     order by r.id`,
    [[...keyed.values()].map(({ ctx }) => ctx.actor.id), [...keyed.values()].map(({ key }) => key)],
  );
  return rows.flatMap((row) => {
    const request = keyed.get(nameOf(row.agent_id, row.claim_key));
    const run = { id: row.id, attempt: row.attempt, leaseToken: row.lease_token, leaseExpiresAt: row.lease_expires_at };
    return request ? [{ task: taskOf(row), run, hasContext: true, request }] : [];
  });
}

const nameOf = (agentId: string, key: string | undefined) => `${agentId} ${key}`;
