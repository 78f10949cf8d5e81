import { agentTokens } from "../server/auth/agent-token.ts";
import { createAgent } from "../server/services/agents/create.ts";
import { tallyRuns } from "../server/services/agents/tally.ts";
import { rotateToken } from "../server/services/agents/tokens.ts";
import { asSystem, type Ctx, type Host } from "../server/services/context.ts";
import { createWorkflow } from "../server/services/workflows/create.ts";
import { auditWorkflow } from "./audit/workflow.ts";
import { cast } from "./cast.ts";
import { playLinkWatch } from "./history/link-watch.ts";
import { playReleaseNotes } from "./history/release-notes.ts";
import { createStage } from "./history/stage.ts";
import { playTranslations } from "./history/translations.ts";

/**
 * Loads the sample agents and workflows into a factory that has no workflows yet. Answers with the tokens of the sample
 * agents that are there, by name: those given where they still belong to one, else new ones.
 */
export async function loadSampleFactory(
  host: Host,
  known: Record<string, string> = {},
): Promise<{ isLoaded: boolean; tokens: Record<string, string> }> {
  const system = asSystem(host, "sample-factory");
  const isEmpty = await hasNoWorkflows(host);
  const tokens = await tokensOf(system, known, { isEmpty });
  if (isEmpty) {
    const stage = await createStage(host, tokens);
    await playReleaseNotes(stage);
    await playLinkWatch(stage);
    await playTranslations(stage);
    await startAudit(host);
  }
  await host.background.drain();
  await tallyRuns(host.db);
  return { isLoaded: isEmpty, tokens };
}

/** Another audit of the checkout; its agents take it up as soon as they run. */
export const startAudit = (host: Host) => createWorkflow(asSystem(host, "sample-factory"), auditWorkflow);

async function hasNoWorkflows({ db }: Host): Promise<boolean> {
  const [row] = await db.query<{ is_empty: boolean }>("select not exists (select from workflows) as is_empty");
  return row?.is_empty === true;
}

/** Registers the cast in an empty factory; elsewhere only those still there get a token, should theirs have been lost. */
async function tokensOf(
  system: Ctx,
  known: Record<string, string>,
  { isEmpty }: { isEmpty: boolean },
): Promise<Record<string, string>> {
  const registered = await system.db.query<{ id: string; name: string }>(
    "select id, name from agents where archived_at is null",
  );
  const ids = new Map(registered.map((agent) => [agent.name, agent.id]));
  const agentOf = agentTokens(system.db);
  const tokens: Record<string, string> = {};
  for (const { name, description, capabilities } of cast) {
    const id = ids.get(name);
    const token = known[name];
    if (id && token && (await agentOf(token))?.id === id) {
      tokens[name] = token;
    } else if (id) {
      tokens[name] = (await rotateToken(system, { id, overlapMinutes: 0 })).token;
    } else if (isEmpty) {
      const made = await createAgent(system, { name, description, capabilities: [...capabilities], maxConcurrent: 1 });
      tokens[name] = made.token;
    }
  }
  return tokens;
}
