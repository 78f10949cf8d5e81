/** One event, as far as the checker cares. */
export interface Seen {
  seq: number;
  entityId: string;
  revision: number;
}

/** What one subscriber has received, checked as it comes: at least once, in order per entity, nothing made up. */
export class History {
  readonly seqs = new Set<number>();
  readonly outOfOrder: string[] = [];
  duplicates = 0;
  #revisions = new Map<string, number>();

  add({ seq, entityId, revision }: Seen): void {
    if (this.seqs.has(seq)) {
      this.duplicates++;
      return;
    }
    this.seqs.add(seq);
    const last = this.#revisions.get(entityId) ?? 0;
    if (revision < last) this.outOfOrder.push(`event ${seq}: revision ${revision} of ${entityId} came after ${last}`);
    this.#revisions.set(entityId, Math.max(last, revision));
  }

  hasAll(owed: number[]): boolean {
    return owed.every((seq) => this.seqs.has(seq));
  }

  /** What is wrong, against all events from number `from` on that were committed and match the subscriber's filter. */
  verdict(owed: number[], from = 0): string[] {
    const known = new Set(owed);
    const missed = owed.filter((seq) => !this.seqs.has(seq)).map((seq) => `event ${seq} was missed`);
    const made = [...this.seqs].filter((seq) => seq >= from && !known.has(seq));
    return [...missed, ...made.map((seq) => `event ${seq} was never committed or not asked for`), ...this.outOfOrder];
  }
}
