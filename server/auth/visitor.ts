/** Whoever stands at the door, signed in or not. */
export interface Visitor {
  headers: Headers;
  ip: string;
  requestId: string;
}

/** What a session remembers of its maker: the cookie they had, the browser and the network. */
export function visitorHeaders({ headers, ip }: Visitor): Headers {
  const kept = new Headers({ "x-client-ip": ip });
  for (const name of ["cookie", "user-agent"]) {
    const value = headers.get(name);
    if (value) kept.set(name, value);
  }
  return kept;
}
