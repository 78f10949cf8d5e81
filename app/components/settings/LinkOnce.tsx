import { useRouteLoaderData } from "@remix-run/react";
import { CopyBlock } from "~/components/shared/CopyBlock.tsx";

/** A link where somebody chooses a password: shown once, for the inviting person to send. */
export function LinkOnce({ name, link }: { name: string; link: string }) {
  const root = useRouteLoaderData("root") as { origin?: string } | undefined;
  return (
    <div className="grid w-full gap-2">
      <p>Send this to {name}. It is shown once and works for seven days.</p>
      <CopyBlock label={`Link for ${name}`} text={`${root?.origin ?? ""}${link}`} />
    </div>
  );
}
