import type { Socket } from "bun";

/** A network between an agent and its server that can fall silent: connections stay open and nothing comes through. */
export function network(serverUrl: string) {
  const { hostname, port } = new URL(serverUrl);
  let isSilent = false;
  const open = new Set<Socket<undefined>>();
  const proxy = Bun.listen<{ waiting: Buffer[]; upstream?: Socket<undefined> }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async open(client) {
        client.data = { waiting: [] };
        const upstream = await Bun.connect({
          hostname,
          port: Number(port),
          socket: {
            data: (_, chunk) => void (isSilent || client.write(chunk)),
            close: () => void client.end(),
          },
        }).catch(() => undefined);
        // The server is down: so is the way to it.
        if (!upstream) return void client.end();
        open.add(upstream);
        for (const chunk of client.data.waiting) upstream.write(chunk);
        client.data.upstream = upstream;
      },
      data(client, chunk) {
        if (isSilent) return;
        if (client.data.upstream) client.data.upstream.write(chunk);
        else client.data.waiting.push(Buffer.from(chunk));
      },
      close: (client) => void client.data.upstream?.end(),
    },
  });
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    fallSilent() {
      isSilent = true;
    },
    comeBack() {
      isSilent = false;
    },
    close() {
      for (const upstream of open) upstream.end();
      proxy.stop(true);
    },
  };
}
