import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { LogBlock } from "~/components/shared/LogBlock.tsx";
import { PageHead } from "~/components/shared/PageHead.tsx";
import { Pagination } from "~/components/shared/Pagination.tsx";
import { page } from "~/lib/page.server.ts";
import { titleOf } from "~/lib/title.ts";
import { paths } from "~/paths.ts";

export const meta: MetaFunction = ({ matches }) => titleOf("Log of a run", matches);

export const loader = page(["suggestions"], async ({ context, params, request }) => {
  const cursor = new URL(request.url).searchParams.get("cursor");
  return await context.api.runs.logs({ runId: params.id ?? "", cursor, limit: 200 });
});

export default function RunLog() {
  const { items, nextCursor } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHead title="Log of a run" crumbs={[{ to: paths.tasks(), word: "Board" }]} />
      <LogBlock label="Log" lines={items} />
      <Pagination nextCursor={nextCursor} shown={items.length} />
    </>
  );
}
