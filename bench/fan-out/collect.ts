/** Loaded before a server whose memory is watched: SIGUSR2 collects garbage. */
process.on("SIGUSR2", () => Bun.gc(true));
