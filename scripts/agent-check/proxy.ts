import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** One request of the program, and how it was answered. */
export interface Call {
  /** Milliseconds on the process's own clock. */
  at: number;
  /** The address's path: /trpc/tasks.claim. */
  path: string;
  /** 0 until it is answered, 101 for a WebSocket. */
  status: number;
  /** The server's reason for refusing a write to a run, when it did. */
  refusal?: string;
}

export interface AgentProxy {
  url: string;
  calls: Call[];
  /** Lets the next completion reach the server and cuts the connection instead of passing the answer on. */
  loseAnswerOfCompletion(): void;
  /** Whether that has happened. */
  hasLostAnswer(): boolean;
  /** Cuts every open connection. */
  cut(): void;
  close(): Promise<void>;
}

const lostLease = /"reason":"(lease_expired|other_holder|terminal)"/;

/** Passes on what a program sends to the server and keeps account of it. A WebSocket is passed on unread. */
export async function startProxy(target: string): Promise<AgentProxy> {
  const calls: Call[] = [];
  const sockets = new Set<Socket>();
  let losing: "no" | "next" | "done" = "no";

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call: Call = { at: performance.now(), path: pathOf(request), status: 0 };
    calls.push(call);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const answer = await forward(target, request, gone.signal);
    call.status = answer.status;
    if (losing === "next" && isCompletion(call) && answer.ok) {
      losing = "done";
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, endToEnd([...answer.headers]).flat());
    // A good answer may name lost leases too, as a heartbeat's does; in a batch, one refusal among others makes it a 207.
    const isRefused = !answer.ok || answer.status === 207;
    for await (const chunk of answer.body ?? []) {
      const refusal = isRefused && lostLease.exec(Buffer.from(chunk).toString())?.[1];
      if (refusal) call.refusal = refusal;
      response.write(chunk);
    }
    response.end();
  }

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((request, response) => {
    // The server is away: to the program it is as if it had never been reached.
    pass(request, response).catch(() => request.socket.destroy());
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("upgrade", (request, socket) => {
    calls.push({ at: performance.now(), path: pathOf(request), status: 101 });
    passSocket(new URL(target), request, socket as Socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    loseAnswerOfCompletion() {
      losing = "next";
    },
    hasLostAnswer: () => losing === "done",
    cut,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const pathOf = (request: IncomingMessage) => new URL(request.url ?? "/", "http://any").pathname;

export const isCompletion = ({ path }: Call) => /\bcomplete\b/.test(path);

async function forward(target: string, request: IncomingMessage, signal: AbortSignal): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = "GET", headers, url = "/" } = request;
  return fetch(target + url, {
    method,
    signal,
    redirect: "manual",
    // What the server says goes through as it is.
    decompress: false,
    headers: endToEnd(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
}

const perConnection = new Set(["connection", "keep-alive", "transfer-encoding", "host", "content-length"]);

const endToEnd = (headers: [string, string][]) => headers.filter(([name]) => !perConnection.has(name.toLowerCase()));

function passSocket({ hostname, port }: URL, request: IncomingMessage, socket: Socket): void {
  const upstream = connect(Number(port), hostname, () => {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  upstream.on("error", () => socket.destroy());
  socket.on("error", () => upstream.destroy());
  socket.on("close", () => upstream.destroy());
}
