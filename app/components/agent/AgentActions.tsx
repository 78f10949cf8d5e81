import { ActionForm, AskFirst } from "~/components/shared/ActionForm.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import type { Agent } from "~/lib/api-types.ts";
import { plural } from "~/lib/format.ts";
import { paths } from "~/paths.ts";

export function AgentActions({ agent }: { agent: Agent }) {
  if (agent.archivedAt) return null;
  return (
    <>
      {agent.desiredState === "active" ? (
        <>
          <ActionForm action={paths.agentAction(agent.id, "drain")} word="Drain" pendingWord="Draining…" />
          <ActionForm action={paths.agentAction(agent.id, "pause")} word="Pause" pendingWord="Pausing…" />
        </>
      ) : (
        <ActionForm action={paths.agentAction(agent.id, "resume")} word="Resume" pendingWord="Resuming…" kind="main" />
      )}
      <ButtonLink to={paths.agentAction(agent.id, "edit")}>Edit</ButtonLink>
      <ButtonLink to={paths.agentAction(agent.id, "rotate")}>New token…</ButtonLink>
      <AskFirst word="Archive…">
        <p>
          {agent.liveRuns > 0
            ? `${plural(agent.liveRuns, "run")} under way ${agent.liveRuns === 1 ? "ends" : "end"}, the tasks go back to Pending. `
            : ""}
          Its tokens stop working for good. What it did stays on record.
        </p>
        <ActionForm
          action={paths.agentAction(agent.id, "archive")}
          word="Archive for good"
          pendingWord="Archiving…"
          kind="dangerLast"
          fields={agent.liveRuns > 0 ? { force: "true" } : {}}
        />
      </AskFirst>
    </>
  );
}
