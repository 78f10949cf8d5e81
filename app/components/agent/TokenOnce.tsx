import { Banner } from "~/components/shared/Banner.tsx";
import { ButtonLink } from "~/components/shared/Button.tsx";
import { CopyBlock } from "~/components/shared/CopyBlock.tsx";
import { paths } from "~/paths.ts";
import { StartIt } from "./StartIt.tsx";

/** A new token: the only time that anybody sees it. */
export function TokenOnce({
  agent,
  token,
}: {
  agent: { id: string; name: string; capabilities: string[] };
  token: string;
}) {
  return (
    <div className="mt-4 grid gap-4">
      <Banner tone="waiting" isNews>
        This token is shown once and kept nowhere. Copy it now, to where the agent reads its secrets.
      </Banner>
      <CopyBlock label="Token" text={token} />
      <h2 className="text-sm font-semibold">Start {agent.name}</h2>
      <StartIt capabilities={agent.capabilities} />
      <div>
        <ButtonLink kind="main" to={paths.agent(agent.id)}>
          I have copied it
        </ButtonLink>
      </div>
    </div>
  );
}
