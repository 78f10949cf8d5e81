/** A bare TCP connection to a server, for what no HTTP or WebSocket client lets one do. */
export async function openLine(url: string) {
  const { hostname, port, host } = new URL(url);
  const closed = Promise.withResolvers<number>();
  let text = "";
  let isOver = false;
  let wake = () => {};
  const socket = await Bun.connect({
    hostname,
    port: Number(port),
    socket: {
      data(_, data) {
        text += data.toString("latin1");
        wake();
      },
      close() {
        isOver = true;
        closed.resolve(performance.now());
        wake();
      },
    },
  });
  return {
    send(head: string[], body = "") {
      socket.write(`${[head[0], `Host: ${host}`, ...head.slice(1)].join("\r\n")}\r\n\r\n${body}`);
    },
    write: (data: string | Buffer) => socket.write(data),
    /** Everything that came since the last time, as soon as it has this in it; or all there was when the line closed. */
    async until(part: string | RegExp): Promise<string> {
      while (!isOver && (typeof part === "string" ? !text.includes(part) : !part.test(text))) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const all = text;
      text = "";
      return all;
    },
    /** Takes nothing more, until it resumes. */
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    /** When it was closed. */
    closed: closed.promise,
    close: () => socket.end(),
  };
}

export type Line = Awaited<ReturnType<typeof openLine>>;

/** Makes it a WebSocket. Nothing answers pings on it. */
export function upgrade(line: Line, path: string, headers: string[] = []): void {
  line.send([
    `GET ${path} HTTP/1.1`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  ]);
}

/** A client's short text as a frame; a mask of zeros leaves it as it is. */
export const frameOf = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
