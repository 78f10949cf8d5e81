import { useLocation, useRevalidator } from "@remix-run/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Chip } from "~/lib/chip.ts";
import { openStream, type Stream } from "~/lib/live.client.ts";
import { liveStore } from "~/lib/live.ts";

const revalidateSoonMs = 400;
const revalidateAtMostEveryMs = 2500;
const frameOfHiddenPageMs = 250;
const refreshAfterMs = 500;
const longestTimerMs = 86_400_000;
const askAgainMs = 1000;
const answerWithinMs = 5000;

/**
 * The only WebSocket code in React: subscribes the page from its loader's cursor, hands events to the store once a
 * frame, and has the loaders read their counts again, not more often than every few seconds.
 */
export function useRealtimeUpdates(stream: Stream | undefined): void {
  const { pathname } = useLocation();
  const latest = useRef(stream);
  latest.current = stream;
  const [restarts, setRestarts] = useState(0);
  const [chip] = useState(() => new Chip());
  const revalidate = useCoalescedRevalidation(stream?.cursor);
  const scope = stream && `${pathname} ${stream.channels.join()} ${stream.workflowId} ${stream.taskId} ${restarts}`;

  useEffect(() => {
    const start = latest.current;
    if (!scope || !start) return;
    const frames = createFrames(() => {
      show(chip);
      if (liveStore.isHolding()) frames.request();
      else if (liveStore.flush()) revalidate();
    });
    const signIn = createSignInCheck(() => {
      revalidate();
      setRestarts((n) => n + 1);
    });
    function startOver(): void {
      chip.staled();
      frames.request();
      liveStore.clear();
      revalidate();
    }
    const close = openStream(start, {
      onEvent(event) {
        liveStore.receive(event);
        chip.sawEvent(event.seq);
        frames.request();
        if (liveStore.isOverfull() && !liveStore.isHolding()) startOver();
      },
      onConnected(through) {
        chip.connected(through, liveStore.connection());
        frames.request();
      },
      onCaughtUp() {
        chip.caughtUp();
        frames.request();
      },
      onDisconnected() {
        chip.disconnected();
        frames.request();
      },
      onReset: startOver,
      onRefused() {
        chip.disconnected();
        frames.request();
        signIn.check();
      },
    });
    return () => {
      signIn.close();
      close();
      frames.close();
      liveStore.release();
      liveStore.clear();
    };
  }, [scope, chip, revalidate]);

  const refreshAt = stream?.refreshAt?.getTime();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new cursor means new rows
  useEffect(() => {
    if (refreshAt === undefined) return;
    const timer = setTimeout(
      revalidate,
      Math.min(Math.max(0, refreshAt - Date.now()) + refreshAfterMs, longestTimerMs),
    );
    return () => clearTimeout(timer);
  }, [refreshAt, stream?.cursor, revalidate]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new cursor means new rows
  useEffect(() => {
    chip.reloaded();
    show(chip);
  }, [chip, stream?.cursor]);
}

function show(chip: Chip): void {
  const next = chip.next(liveStore.connection());
  if (next) liveStore.setConnection({ ...next, since: Date.now() });
}

/** Asks for fresh loader data soon, then at most every few seconds; never while a card is in the hand, and a hidden page when it is looked at. */
function useCoalescedRevalidation(cursor: string | undefined): () => void {
  const revalidator = useRevalidator();
  const ask = useRef(revalidator.revalidate);
  ask.current = revalidator.revalidate;
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const lastAt = useRef(0);

  useEffect(() => {
    if (cursor) liveStore.forgetThrough(cursor);
  }, [cursor]);
  const run = useCallback(async () => {
    if (liveStore.isHolding() || document.hidden || !(await isServerThere())) {
      timer.current = setTimeout(run, revalidateAtMostEveryMs);
      return;
    }
    timer.current = undefined;
    lastAt.current = Date.now();
    ask.current();
  }, []);
  useEffect(() => {
    const look = () => {
      if (document.hidden || timer.current === undefined) return;
      clearTimeout(timer.current);
      timer.current = setTimeout(run);
    };
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      clearTimeout(timer.current);
    };
  }, [run]);

  return useCallback(() => {
    if (timer.current !== undefined) return;
    const wait = Math.max(revalidateSoonMs, lastAt.current + revalidateAtMostEveryMs - Date.now());
    timer.current = setTimeout(run, wait);
  }, [run]);
}

/** A loader that cannot be reached would replace the page by an error; what is shown is better than that. */
async function isServerThere(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    return (await fetch("/healthz", { method: "HEAD", cache: "no-store", signal })).ok;
  } catch {
    return false;
  }
}

/**
 * After a refusal: who is signed out goes to the sign-in, by loading the page again; whose role has changed goes on with
 * another socket. Asks until the server answers.
 */
function createSignInCheck(goOn: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function check(): Promise<void> {
    const isIn = await isSignedIn();
    if (isIn === false) window.location.reload();
    else timer = setTimeout(isIn ? goOn : check, askAgainMs);
  }
  return { check, close: () => clearTimeout(timer) };
}

/** Undefined when the server does not say. */
async function isSignedIn(): Promise<boolean | undefined> {
  try {
    const response = await fetch("/trpc/session.me", { cache: "no-store" });
    if (!response.ok) return;
    const { result } = (await response.json()) as { result: { data: { json: unknown } } };
    return result.data.json !== null;
  } catch {
    return;
  }
}

/** Once per animation frame; a hidden page has none, so there by the clock. */
function createFrames(work: () => void) {
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    frame = undefined;
    timer = undefined;
    work();
  };
  return {
    request() {
      if (frame !== undefined || timer !== undefined) return;
      if (document.hidden) timer = setTimeout(run, frameOfHiddenPageMs);
      else frame = requestAnimationFrame(run);
    },
    close() {
      if (frame !== undefined) cancelAnimationFrame(frame);
      clearTimeout(timer);
    },
  };
}
