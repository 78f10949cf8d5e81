import { tracked } from "@trpc/server";
import { z } from "zod";
import { channels } from "../../../db/enums.ts";
import { cursor, id } from "../../services/inputs.ts";
import { forMembers, router } from "../trpc.ts";

export const streamInput = z
  .object({
    channels: z.array(z.enum(channels)).max(channels.length).optional(),
    workflowId: id.optional(),
    taskId: id.optional(),
    lastEventId: cursor.optional(),
    caughtUp: z.boolean().optional(),
  })
  .prefault({});

export const eventsRouter = router({
  /** Over a WebSocket the socket itself serves it (`http/trpc-socket.ts`), which costs far less than a generator. */
  stream: forMembers.input(streamInput).subscription(async function* ({ ctx, input, signal }) {
    const stop = signal ?? new AbortController().signal;
    for await (const message of ctx.log.stream(input, stop)) yield tracked(message.id, message);
  }),
});
