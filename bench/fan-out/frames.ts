/** Just enough of the WebSocket protocol to count what thousands of sockets receive, without paying for a client each. */

/** A text frame of a client, masked with zeros. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isShort = payload.length < 126;
  const head = Buffer.alloc(isShort ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (isShort ? payload.length : 126);
  if (!isShort) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Calls `onFrame` with each whole frame's payload; answers with what is left over. */
export function eachFrame(data: Buffer, onFrame: (payload: Buffer) => void): Buffer {
  let at = 0;
  while (data.length - at >= 2) {
    const short = (data[at + 1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (data.length - at < head) break;
    const length =
      short === 126 ? data.readUInt16BE(at + 2) : short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short;
    if (data.length - at < head + length) break;
    onFrame(data.subarray(at + head, at + head + length));
    at += head + length;
  }
  return at === 0 ? data : data.subarray(at);
}
