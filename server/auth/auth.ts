import { isAPIError } from "better-auth/api";
import type { z } from "zod";
import type { AgentActor, Host, PersonActor } from "../services/context.ts";
import { Invalid, TooMany } from "../services/errors.ts";
import { recordSignIn } from "../services/users/record-sign-in.ts";
import { needsSetup, readInvited, setUp, setUpInput } from "../services/users/set-up.ts";
import { agentTokens } from "./agent-token.ts";
import { Attempts } from "./attempts.ts";
import { type AuthOptions, createBetterAuth } from "./better-auth.ts";
import { type Visitor, visitorHeaders } from "./visitor.ts";

interface SignedIn {
  actor: PersonActor;
  sessionId: string;
  /** To pass on to the browser: a session in use is renewed once a day. */
  setCookies: string[];
}

type SignInResult = { ok: true; headers: Headers } | { ok: false; message: string };
type SetUpResult = SignInResult | { ok: false; message: string; fieldErrors: Record<string, string[]> };

/** Who somebody is, and how they become it. */
export interface Auth {
  personOf(headers: Headers): Promise<SignedIn | null>;
  agentOf(token: string): Promise<AgentActor | null>;
  /** The same over the reserved connections, for what must be answered however busy the others are. */
  agentOfUrgent(token: string): Promise<AgentActor | null>;
  /** Whether nobody can sign in yet. */
  needsSetup(): Promise<boolean>;
  /** Whom a link invites; null when it no longer works. */
  invitedBy(token: string): Promise<{ name: string; email: string } | null>;
  signIn(visitor: Visitor, email: string, password: string): Promise<SignInResult>;
  signOut(visitor: Visitor): Promise<Headers>;
  setUp(visitor: Visitor, fields: z.input<typeof setUpInput>): Promise<SetUpResult>;
}

const rememberMs = 1000;
const wrong = "The address or the password is wrong.";

export function createAuth(host: Host, options: Omit<AuthOptions, "db">): Auth {
  const { api } = createBetterAuth({ ...options, db: host.db });
  const attempts = new Attempts();
  const known = new Map<string, { until: number; answer: Promise<SignedIn | null> }>();
  let isSetUp = false;

  function personOf(headers: Headers): Promise<SignedIn | null> {
    const cookie = headers.get("cookie");
    if (!cookie?.includes(options.isSecure ? "__Host-wf_session=" : "wf_session=")) return Promise.resolve(null);
    const kept = known.get(cookie);
    if (kept && kept.until > performance.now()) return kept.answer;
    if (known.size > 10_000) known.clear();
    const answer = readSession(cookie);
    known.set(cookie, { until: performance.now() + rememberMs, answer });
    answer.catch(() => known.delete(cookie));
    return answer;
  }

  async function readSession(cookie: string): Promise<SignedIn | null> {
    const { response, headers } = await api.getSession({ headers: new Headers({ cookie }), returnHeaders: true });
    if (!response || response.user.disabledAt) return null;
    const { id, name, role } = response.user;
    return {
      // The column's check holds it to the three roles.
      actor: { type: "person", id, name, role: role as PersonActor["role"] },
      sessionId: response.session.id,
      setCookies: headers.getSetCookie(),
    };
  }

  async function signIn(visitor: Visitor, email: string, password: string): Promise<SignInResult> {
    const { requestId } = visitor;
    try {
      attempts.check(email, visitor.ip);
      const { headers, response } = await api.signInEmail({
        body: { email, password },
        headers: visitorHeaders(visitor),
        returnHeaders: true,
      });
      attempts.succeeded(email, visitor.ip);
      const cookie = headers
        .getSetCookie()
        .map((set) => set.split(";")[0])
        .join("; ");
      if (!(await personOf(new Headers({ cookie })))) {
        return { ok: false, message: "Your account is switched off. Ask an admin to switch it on." };
      }
      await recordSignIn(host, { id: response.user.id }, { action: "signed_in", requestId });
      return { ok: true, headers: onlyCookies(headers) };
    } catch (error) {
      if (error instanceof TooMany) return { ok: false, message: error.message };
      if (!isAPIError(error)) throw error;
      attempts.failed(email, visitor.ip);
      await recordSignIn(host, { email: email.toLowerCase() }, { action: "sign_in_failed", requestId });
      return { ok: false, message: wrong };
    }
  }

  async function signOut(visitor: Visitor): Promise<Headers> {
    const person = await personOf(visitor.headers);
    const { headers } = await api.signOut({ headers: visitorHeaders(visitor), returnHeaders: true });
    known.delete(visitor.headers.get("cookie") ?? "");
    if (person) {
      await recordSignIn(host, { id: person.actor.id }, { action: "signed_out", requestId: visitor.requestId });
    }
    return onlyCookies(headers);
  }

  async function setUpPerson(visitor: Visitor, fields: z.input<typeof setUpInput>): Promise<SetUpResult> {
    const { success, data, error } = setUpInput.safeParse(fields);
    try {
      if (!success) throw new Invalid(error.flatten().fieldErrors);
      attempts.check(visitor.ip, visitor.ip);
      const person = await setUp(host, data, visitor.requestId);
      return await signIn(visitor, person.email, data.password);
    } catch (error) {
      if (error instanceof TooMany) return { ok: false, message: error.message };
      if (!(error instanceof Invalid)) throw error;
      if (error.fieldErrors.token) attempts.failed(visitor.ip, visitor.ip);
      return { ok: false, message: error.message, fieldErrors: error.fieldErrors };
    }
  }

  return {
    personOf,
    agentOf: agentTokens(host.db),
    agentOfUrgent: agentTokens(host.db.reserved),
    async needsSetup() {
      isSetUp ||= !(await needsSetup(host.db));
      return !isSetUp;
    },
    invitedBy: (token) => readInvited(host.db, token),
    signIn,
    signOut,
    setUp: setUpPerson,
  };
}

function onlyCookies(from: Headers): Headers {
  const headers = new Headers();
  for (const cookie of from.getSetCookie()) headers.append("Set-Cookie", cookie);
  return headers;
}
