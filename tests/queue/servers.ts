import type { Connection, Database } from "../../db/client.ts";
import { Renewals } from "../../server/services/agents/renewals.ts";
import { createBackground } from "../../server/services/background.ts";
import { Calls } from "../../server/services/calls.ts";
import type { Host } from "../../server/services/context.ts";
import { Presence } from "../../server/services/presence.ts";
import { ClaimFloors } from "../../server/services/tasks/claim-floor.ts";
import type { TestHost } from "../../server/services/testing.ts";
import { WorkSignal } from "../../server/services/work-signal.ts";
import { catchUp } from "../../server/workers/catch-up.ts";

/** What a server that has gone down answers: nothing. */
export class Down extends Error {}

/** A server of the fleet: its own gatherers, notes and background work, on the database of all. */
export interface Server extends Host {
  /** Before each of its next statements there is a pause drawn by lot; after so many of them it goes down. */
  trouble(trouble: { lot: () => number; fallsAfter?: number }): void;
  calm(): void;
}

export async function startServer(fleet: TestHost, announce: Host["announce"]): Promise<Server> {
  const line = new Line(fleet.db);
  const server: Server = {
    ...fleet,
    db: line.database,
    work: new WorkSignal(),
    floors: new ClaimFloors(),
    decisions: new WorkSignal(),
    calls: new Calls(),
    presence: new Presence(),
    renewals: new Renewals(),
    config: { leaseSeconds: 600, agentOfflineSeconds: 450 },
    background: createBackground((name, error) => {
      if (!(error instanceof Down)) fleet.background.run(name, () => Promise.reject(error));
    }),
    announce,
    trouble: (trouble) => line.trouble(trouble),
    calm: () => line.calm(),
  };
  await catchUp(server);
  return server;
}

/** A server's way to the database. Statements of a transaction keep their order; a transaction that is cut is rolled back. */
class Line {
  #lot: (() => number) | undefined;
  #left = Number.POSITIVE_INFINITY;
  readonly database: Database;

  constructor(db: Database) {
    const isDown = () => this.#left <= 0;
    this.database = {
      ...db,
      get orm() {
        if (isDown()) throw new Down();
        return db.orm;
      },
      ...this.#single(db),
      reserved: { orm: db.reserved.orm, ...this.#single(db.reserved) },
      writes: { orm: db.writes.orm, ...this.#single(db.writes, "answers") },
      transaction: async (work) => {
        const result = await db.transaction(async (tx) => {
          const { connection, idle } = this.#on(tx);
          try {
            return await work(connection);
          } finally {
            await idle();
            await this.#statement();
          }
        });
        // Between its commit and its answer is where a server hurts most.
        await this.#statement();
        return result;
      },
    };
  }

  trouble({ lot, fallsAfter = Number.POSITIVE_INFINITY }: { lot: () => number; fallsAfter?: number }): void {
    this.#lot = lot;
    this.#left = fallsAfter;
  }

  calm(): void {
    this.#lot = undefined;
  }

  async #statement(): Promise<void> {
    if (this.#left-- <= 0) throw new Down();
    const turn = this.#lot?.() ?? 0;
    if (turn > 0.6) await Bun.sleep((turn - 0.6) * 10);
  }

  #single(from: Connection, also?: "answers"): Pick<Connection, "query" | "queryAnew"> {
    return {
      query: async <Row>(text: string, params?: unknown[]) => {
        await this.#statement();
        const rows = await from.query<Row>(text, params);
        if (also) await this.#statement();
        return rows;
      },
      queryAnew: async (text, params) => {
        await this.#statement();
        return from.queryAnew(text, params);
      },
    };
  }

  #on(from: Connection): { connection: Connection; idle(): Promise<void> } {
    let last: Promise<unknown> = Promise.resolve();
    const isDown = () => this.#left <= 0;
    const inTurn = <Answer>(work: () => Promise<Answer>) => {
      const answer = last.then(() => this.#statement()).then(work);
      last = answer.catch(() => {});
      return answer;
    };
    return {
      connection: {
        get orm() {
          if (isDown()) throw new Down();
          return from.orm;
        },
        query: <Row>(text: string, params?: unknown[]) => inTurn(() => from.query<Row>(text, params)),
        queryAnew: <Row>(text: string, params?: unknown[]) => inTurn(() => from.queryAnew<Row>(text, params)),
      },
      idle: async () => void (await last),
    };
  }
}
