/** Agents whose runs have ended since their record was last counted; a worker counts them anew together. */
export class Finished {
  #agents = new Set<string>();

  note(agentId: string): void {
    this.#agents.add(agentId);
  }

  take(): string[] {
    const agents = [...this.#agents];
    this.#agents.clear();
    return agents;
  }
}
