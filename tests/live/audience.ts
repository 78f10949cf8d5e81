import { channels } from "../../db/enums.ts";
import type { StreamFilter } from "../../server/realtime/log.ts";
import type { TcpProxy } from "../support/proxy.ts";
import { randomOf, type Stage } from "./stage.ts";
import { heavyChannel, readEverything } from "./truth.ts";
import { plainViewer, trpcViewer, type Viewer, type ViewerOptions } from "./viewers.ts";

export interface Seated {
  viewer: Viewer;
  line: TcpProxy;
}

interface Audience {
  /** Those who are there all the time, each with its filter. */
  viewers: Seated[];
  /** Those who see the heavy channel, and nothing else. */
  laggards: Seated[];
  /** Those who will be away for longer than events are kept. */
  absent: Seated[];
}

const light = channels.filter((channel) => channel !== heavyChannel);

export async function seatAll(stage: Stage, { workflowId, taskId }: Record<"workflowId" | "taskId", string>) {
  const load = () => readEverything(stage.db, stage.apiOf(randomOf("loading"))());

  async function seat(
    name: string,
    { channels, ...by }: StreamFilter,
    way: "trpc" | "plain",
    more?: Partial<ViewerOptions>,
  ) {
    const [line, token] = await Promise.all([stage.lineOf(name), stage.tokenOf(name)]);
    const options = { name, url: `http://127.0.0.1:${line.port}`, token, random: randomOf(name), ...more };
    const viewer =
      way === "plain" ? await plainViewer(options, channels ?? light) : await trpcViewer(options, { channels, ...by });
    stage.atEnd(viewer.close);
    return { viewer, line };
  }

  // Patient enough to lag on an open connection, and not so patient that a frozen instance would keep it.
  const patient = { pingMs: 4000 };
  const ways = ["plain", "trpc"] as const;
  const [viewers, laggards, absent] = await Promise.all([
    Promise.all([
      ...[0, 1, 2].map((i) => seat(`plain-${i}`, { channels: light }, "plain")),
      ...[0, 1, 2, 3].map((i) => seat(`trpc-${i}`, { channels: light }, "trpc")),
      seat("of-a-task", { taskId }, "trpc"),
      seat("of-a-workflow", { workflowId }, "trpc"),
      seat("of-a-workflow-itself", { workflowId, channels: ["workflows"] }, "trpc"),
      seat("of-agents", { channels: ["agents"] }, "trpc"),
      seat("of-workflows-and-agents", { channels: ["workflows", "agents"] }, "plain"),
    ]),
    Promise.all(ways.map((way) => seat(`laggard-${way}`, { channels: [heavyChannel] }, way, patient))),
    Promise.all(ways.map((way) => seat(`absent-${way}`, { channels: light }, way, { load }))),
  ]);
  return { viewers, laggards, absent } satisfies Audience;
}
