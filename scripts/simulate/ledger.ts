/** What the agents were told on the wire. The factory's own records are held against it at the end. */
export class Ledger {
  readonly tasks = new Map<string, { name: string; dependsOn: string[] }>();
  /** By run. Times are milliseconds of this process. */
  readonly claims = new Map<
    string,
    { taskId: string; agent: string; attempt: number; at: number; waitedMs: number | null }
  >();
  readonly completions: { runId: string; taskId: string; agent: string; result: unknown }[] = [];
  /** Ends of a run that the factory would not have. */
  readonly refusals: { runId: string; agent: string; reason: string }[] = [];
  /** Runs that two claims were answered with. */
  readonly claimedTwice: string[] = [];
  /** Since when, for all that this process knows, a task could be claimed. */
  readonly #claimableSince = new Map<string, number>();
  readonly #waitsFor = new Map<string, Set<string>>();
  readonly #dependents = new Map<string, string[]>();

  /** Its task must be told before those that depend on it. */
  created(id: string, name: string, dependsOn: string[]): void {
    this.tasks.set(id, { name, dependsOn });
    if (dependsOn.length === 0) this.#claimableSince.set(id, performance.now());
    else this.#waitsFor.set(id, new Set(dependsOn));
    for (const before of dependsOn) this.#dependents.set(before, [...(this.#dependents.get(before) ?? []), id]);
  }

  /** How long the claim waited, counted from when there was work; null for a retry, whose back-off only the factory knows. */
  claimed(agent: string, claim: { taskId: string; runId: string; attempt: number }, asked: number): number | null {
    const { taskId, runId, attempt } = claim;
    const at = performance.now();
    const since = Math.max(asked, this.#claimableSince.get(taskId) ?? at);
    const waitedMs = attempt === 1 ? Math.max(0, at - since) : null;
    if (this.claims.has(runId)) this.claimedTwice.push(runId);
    this.claims.set(runId, { taskId, agent, attempt, at, waitedMs });
    return waitedMs;
  }

  completed(agent: string, completion: { runId: string; taskId: string; result: unknown }): void {
    this.completions.push({ agent, ...completion });
    for (const id of this.#dependents.get(completion.taskId) ?? []) {
      const left = this.#waitsFor.get(id);
      if (left?.delete(completion.taskId) && left.size === 0) this.#claimableSince.set(id, performance.now());
    }
  }

  refused(refusal: Ledger["refusals"][number]): void {
    this.refusals.push(refusal);
  }
}
