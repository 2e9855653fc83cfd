import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** A signed request is good for so long, in either direction (docs/references/aws.md#slack). */
const WINDOW_MS = 300_000;

export function sha256(data: string | Buffer): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Compares hashes: both have one length, and the time does not depend on where the values differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());
}

/**
 * `v0=` and the HMAC-SHA256 of `v0:<seconds>:<body>`, as Slack signs. The body is bytes: re-encoding a form changes it.
 */
export function signature(secret: string, seconds: string, body: Buffer): string {
  return `v0=${createHmac("sha256", secret).update(`v0:${seconds}:`).update(body).digest("hex")}`;
}

export function hmac(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text).digest("hex");
}

export function verifySigned(
  given: { readonly seconds: string | undefined; readonly signature: string | undefined; readonly body: Buffer },
  secret: string,
  nowMs: number,
): VerificationResult {
  if (given.seconds === undefined || given.signature === undefined) return { ok: false, reason: "no signature" };
  if (!/^\d{1,12}$/.test(given.seconds)) return { ok: false, reason: "no time" };
  if (Math.abs(nowMs - Number(given.seconds) * 1000) > WINDOW_MS) return { ok: false, reason: "too old or too new" };
  const expected = signature(secret, given.seconds, given.body);
  if (!isSame(expected, given.signature)) return { ok: false, reason: "wrong signature" };
  return { ok: true, fingerprint: sha256(expected) };
}

export type VerificationResult =
  /** The fingerprint is the same for the same signed request, and for no other. */
  { readonly ok: true; readonly fingerprint: string } | { readonly ok: false; readonly reason: string };
