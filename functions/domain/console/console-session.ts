import { createHash } from "node:crypto";
import * as z from "zod";
import type { Read } from "../api/output.ts";

/** A code is traded at once by the page that the command line opens. */
export const CODE_S = 60;
export const MAX_HOURS = 12;
const HOUR_S = 3_600;

/** Who a session of the console is. What that person may do is asked at each request. */
export const ConsoleSession = z.object({
  principals: z.array(z.string()).min(1),
  authMethod: z.enum(["iam", "token"]),
  /** When it ends, ISO 8601. */
  until: z.string(),
});
export type ConsoleSession = Read<typeof ConsoleSession>;

/** `__Host-`: only this host sets it, and a browser sends it to this host alone. */
const COOKIE = "__Host-holdfast";
const SECRET = /^[\w-]{43}$/;

/** The table has hashes only: who reads it cannot be anybody. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** No session outlives the token with which it was opened. */
export function untilOf(hours: number, tokenEndsAt: Date | undefined, now: Date): string {
  const end = now.getTime() + Math.min(hours, MAX_HOURS) * HOUR_S * 1_000;
  return new Date(Math.min(end, tokenEndsAt?.getTime() ?? end)).toISOString();
}

/** The secret of the session, out of a request's cookies; undefined where there is none that could be one. */
export function secretOf(cookies: readonly string[] = []): string | undefined {
  const mine = cookies
    .filter((cookie) => cookie.startsWith(`${COOKIE}=`))
    .map((cookie) => cookie.slice(COOKIE.length + 1));
  return mine.length === 1 && SECRET.test(mine[0] ?? "") ? mine[0] : undefined;
}

export function cookieOf(secret: string, until: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((Date.parse(until) - now.getTime()) / 1_000));
  return `${COOKIE}=${secret}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
}

export const NO_COOKIE = `${COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict`;

/** A page of another origin cannot send this header without asking first, and nothing here answers that question. */
export function isOwnPage(headers: Readonly<Record<string, string | undefined>>): boolean {
  const site = headers["sec-fetch-site"];
  return headers["x-holdfast-console"] === "1" && (site === undefined || site === "same-origin");
}
