import { useRouteLoaderData } from "@remix-run/react";
import { CopyBlock } from "~/components/shared/CopyBlock.tsx";

/** The lines that connect an agent, with this installation's own address in them. */
export function StartIt({ capabilities }: { capabilities: string[] }) {
  const root = useRouteLoaderData("root") as { origin?: string } | undefined;
  const handler = capabilities[0] ?? "*";
  const code = `import { runAgent } from "workflow-factory/client";

await runAgent({
  url: "${root?.origin ?? ""}",
  token: process.env.FACTORY_TOKEN,
  handlers: {
    ${JSON.stringify(handler)}: async (job) => {
      await job.progress(10, "reading");
      return { done: true };
    },
  },
});`;
  return <CopyBlock label="Code that connects the agent" text={code} />;
}
