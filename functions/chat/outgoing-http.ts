import { setTimeout as delay } from "node:timers/promises";
import { isOnOrigin } from "../domain/chat/settings.ts";

const ATTEMPTS = 3;
const LIMIT_MS = 5_000;
const PAUSE_MS = 300;

/**
 * The only way by which Holdfast sends something to a place that is not AWS: posts JSON to an address on one of the
 * origins, follows no redirect, and tries again what may pass (time-outs, 429, 5xx). Throws when it was not taken. The address is a capability,
 * so no error shows more of it than its origin.
 */
export async function postJson(address: string, body: unknown, origins: readonly string[]): Promise<void> {
  if (!isOnOrigin(address, origins)) throw new Error("the address is on no origin that the settings allow");
  const { origin } = new URL(address);
  for (let attempt = 1; ; attempt++) {
    const status = await post(address, JSON.stringify(body));
    if (typeof status === "number" && status >= 200 && status < 300) return;
    const mayPass = typeof status === "string" || status === 429 || status >= 500;
    if (!mayPass || attempt === ATTEMPTS) throw new Error(`${origin} did not take a message: ${status}`);
    await delay(PAUSE_MS * attempt);
  }
}

/** The status, or why there is none. */
async function post(address: string, body: string): Promise<number | string> {
  const headers = { "content-type": "application/json; charset=utf-8" };
  try {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const answer = await fetch(address, { method: "POST", headers, body, redirect: "manual", signal });
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    return error instanceof Error ? error.name : "no answer";
  }
}
