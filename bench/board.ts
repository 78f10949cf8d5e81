import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { heading, loop, row } from "./measure.ts";
import { benchServer } from "./server.ts";

const connections = 8;
const seconds = 5;

/**
 * The board page with 200 cards shown, as a signed-in browser gets it. The limit is `renderToString` of elements that
 * make the same HTML, without a database, a router or data for hydration.
 */
export async function benchBoard(server: string | undefined): Promise<void> {
  console.log(heading(`board page, 200 cards, ${connections} connections, ${server ? "Postgres" : "PGlite"}`));
  const { url, cookie, api, close } = await benchServer(server);
  try {
    for (let i = 0; i < 4; i++) {
      const tasks = Array.from({ length: 50 }, (_, n) => ({ key: `t${n}`, name: `Card ${n} of ${i}` }));
      await api.workflows.create.mutate({ name: `Board ${i}`, tasks });
    }
    const page = `${url}/tasks?limit=200`;
    const fetchPage = async () => {
      const answer = await fetch(page, { headers: { cookie } });
      const html = await answer.text();
      if (!answer.ok) throw new Error(`The board was answered with ${answer.status}`);
      return html;
    };
    const html = await fetchPage();
    const cards = html.match(/Card \d+ of \d/g)?.length ?? 0;
    if (cards < 200) throw new Error(`The board shows ${cards} of 200 cards`);

    const element = elementsOf(html);
    const limit = await loop(1, seconds, async () => renderToString(element).length > 0);
    console.log(row(`renderToString of the same ${Math.round(html.length / 1024)} KB of HTML`, limit));
    const figure = await loop(connections, seconds, async () => (await fetchPage()).length > 0);
    console.log(row("GET /tasks", figure, limit));
  } finally {
    await close();
  }
}

interface Open {
  tag: string;
  attributes: Record<string, string>;
  children: React.ReactNode[];
}

const voids = new Set(["meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "line", "polyline"]);

/** React elements that render to (nearly) this HTML: every tag, attribute and text of it. */
function elementsOf(html: string): React.ReactElement {
  const stack: Open[] = [{ tag: "div", attributes: {}, children: [] }];
  const body = html
    .slice(html.indexOf("<body"))
    .replace(/<script[\s\S]*?<\/script>/g, "")
    .replace(/<!--[\s\S]*?-->/g, "");
  for (const [, closing, tag, attributes = "", selfClosing, text] of body.matchAll(
    /<(\/)?([a-z][\w-]*)((?:\s+[^\s=>/]+(?:="[^"]*")?)*)\s*(\/)?>|([^<]+)/gi,
  )) {
    const top = stack.at(-1);
    if (!top) break;
    if (text) top.children.push(text);
    else if (closing) close(stack, tag ?? "");
    else {
      const open: Open = { tag: tag ?? "div", attributes: attributesOf(attributes), children: [] };
      if (selfClosing || voids.has(open.tag)) top.children.push(createElement(open.tag, keyed(open, top)));
      else stack.push(open);
    }
  }
  while (stack.length > 1) close(stack, stack.at(-1)?.tag ?? "");
  const root = stack[0];
  return createElement("div", null, ...(root?.children ?? []));
}

function close(stack: Open[], tag: string): void {
  const open = stack.at(-1);
  const parent = stack.at(-2);
  if (!open || !parent || open.tag !== tag) return;
  stack.pop();
  parent.children.push(createElement(open.tag, keyed(open, parent), ...open.children));
}

const keyed = (open: Open, parent: Open) => ({ ...open.attributes, key: parent.children.length });

function attributesOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(/([^\s=]+)(?:="([^"]*)")?/g)) {
    if (name === "class") found.className = value;
    else if (/^(data|aria)-/.test(name) || ["id", "href", "title", "d", "viewBox", "role"].includes(name))
      found[name] = value;
  }
  return found;
}
