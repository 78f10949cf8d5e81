/** A page's title: what waits for a person goes first, so that it can be seen in the tab. */
export function titleOf(title: string, matches: { id: string; data: unknown }[]) {
  const root = matches.find((match) => match.id === "root")?.data as { waiting?: number } | undefined;
  const waiting = root?.waiting ? `(${root.waiting}) ` : "";
  return [{ title: `${waiting}${title} · Workflow Factory` }];
}
