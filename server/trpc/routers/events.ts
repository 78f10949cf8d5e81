import { tracked } from "@trpc/server";
import { z } from "zod";
import { channels } from "../../../db/enums.ts";
import { TooSlow } from "../../realtime/log.ts";
import { cursor, id } from "../../services/inputs.ts";
import { forMembers, router } from "../trpc.ts";

const streamInput = z
  .object({
    channels: z.array(z.enum(channels)).max(channels.length).optional(),
    workflowId: id.optional(),
    taskId: id.optional(),
    lastEventId: cursor.optional(),
  })
  .prefault({});

/** The WebSocket close code for a client that takes its events too slowly. */
const tooSlow = 4408;

export const eventsRouter = router({
  stream: forMembers.input(streamInput).subscription(async function* ({ ctx, input, signal }) {
    const stop = signal ?? new AbortController().signal;
    const leave = ctx.socket?.enterStream();
    try {
      for await (const message of ctx.log.stream(input, stop, ctx.socket?.lane())) {
        yield tracked(message.id, message);
        await ctx.socket?.drained();
      }
    } catch (error) {
      if (!(error instanceof TooSlow)) throw error;
      ctx.socket?.close(tooSlow, error.message);
    } finally {
      leave?.();
    }
  }),
});
