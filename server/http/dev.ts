import type { ServerBuild } from "@remix-run/server-runtime";
import { createServer } from "vite";
import { type Pages, rootFile } from "./pages.ts";

const ofVite = /^\/(@|node_modules\/|app\/)/;

/** Vite on a port of its own, behind the one server: it builds the pages, and its modules are handed through. */
export async function vitePages(): Promise<Pages> {
  const vite = await createServer({ server: { host: "127.0.0.1", port: 24_700 }, clearScreen: false });
  await vite.listen();
  const [address] = vite.resolvedUrls?.local ?? [];
  if (!address) throw new Error("Vite does not listen on any address.");
  return {
    // The virtual module is Remix's build.
    build: () => vite.ssrLoadModule("virtual:remix/server-build") as unknown as Promise<ServerBuild>,
    isDev: true,
    folders: [rootFile("public")],
    vite(request, url) {
      if (!ofVite.test(url.pathname)) return undefined;
      return fetch(new URL(url.pathname + url.search, address), { headers: request.headers, redirect: "manual" });
    },
    close: () => vite.close(),
  };
}
