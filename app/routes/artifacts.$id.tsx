import { redirect } from "@remix-run/node";
import { guarded } from "~/lib/page.server.ts";

/** Always a download, never shown by the browser on our own origin: an agent wrote it. */
export const loader = guarded(async ({ context, params }) => {
  const artifact = await context.api.runs.artifactById({ id: params.id ?? "" });
  if (artifact.url) return redirect(artifact.url);
  const name = encodeURIComponent(artifact.name);
  return new Response(Buffer.from(artifact.base64 ?? "", "base64"), {
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Disposition": `attachment; filename*=UTF-8''${name}`,
      "Content-Security-Policy": "sandbox; default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    },
  });
});
