import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import type { Database } from "../../db/client.ts";
import { accounts, sessions, users, verifications } from "../../db/schema/index.ts";
import { hashPassword, verifyPassword } from "../services/users/passwords.ts";

const days = 24 * 60 * 60;

export interface AuthOptions {
  db: Database;
  secret: string;
  baseUrl: string;
  isSecure: boolean;
}

/**
 * Sessions and passwords. Its own HTTP routes are not mounted and nobody can sign up: people are made by `users.invite`
 * and the set-up link, so that every change of a person is audited.
 */
export function createBetterAuth({ db, secret, baseUrl, isSecure }: AuthOptions) {
  return betterAuth({
    baseURL: baseUrl,
    secret,
    telemetry: { enabled: false },
    logger: { disabled: true },
    database: drizzleAdapter(db.orm, {
      provider: "pg",
      schema: { user: users, session: sessions, account: accounts, verification: verifications },
    }),
    user: {
      additionalFields: {
        role: { type: "string", required: true, input: false },
        disabledAt: { type: "date", required: false, input: false },
      },
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 10,
      maxPasswordLength: 200,
      password: { hash: hashPassword, verify: verifyPassword },
    },
    session: { expiresIn: 30 * days, updateAge: 1 * days, cookieCache: { enabled: false } },
    rateLimit: { enabled: false },
    advanced: {
      // The name says more than better-auth's own prefix would: `__Host-` binds the cookie to this very host.
      useSecureCookies: false,
      cookiePrefix: "wf",
      ipAddress: { ipAddressHeaders: ["x-client-ip"] },
      database: { generateId: () => Bun.randomUUIDv7() },
      cookies: {
        session_token: {
          name: isSecure ? "__Host-wf_session" : "wf_session",
          attributes: { secure: isSecure, httpOnly: true, sameSite: "lax", path: "/" },
        },
      },
    },
  });
}
