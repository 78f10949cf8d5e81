import type { ServerBuild } from "@remix-run/server-runtime";
import { appRouter } from "../trpc/router.ts";

const procedures = new Set(Object.keys(appRouter._def.procedures));

/** Names the route of a request for metrics and logs: from a closed set, whatever addresses are tried. */
export function routeNames(build: Pick<ServerBuild, "routes">): (pathname: string) => string {
  const pages = Object.values(build.routes)
    .map((route) => fullPath(build, route?.id))
    .filter((path) => path !== "" && !path.includes("*"))
    .map((path) => ({ path, pattern: patternOf(path) }))
    .sort((a, b) => Number(a.path.includes(":")) - Number(b.path.includes(":")));

  return (pathname) => {
    if (pathname.startsWith("/trpc")) return procedureName(pathname);
    if (pathname.startsWith("/assets/")) return "/assets";
    const page = pathname.replace(/\.data$/, "");
    return pages.find(({ pattern }) => pattern.test(page))?.path ?? (page === "/" ? "/" : "other");
  };
}

function procedureName(pathname: string): string {
  const path = pathname.slice("/trpc/".length);
  if (path.includes(",")) return "trpc batch";
  return procedures.has(path) ? `trpc ${path}` : "trpc other";
}

function fullPath(build: Pick<ServerBuild, "routes">, id: string | undefined): string {
  const route = id ? build.routes[id] : undefined;
  if (!route) return "";
  const above = fullPath(build, route.parentId);
  return route.path ? `${above}/${route.path}` : above;
}

const patternOf = (path: string) => new RegExp(`^${path.replace(/\./g, "\\.").replace(/\/:[\w]+/g, "/[^/]+")}/?$`);
