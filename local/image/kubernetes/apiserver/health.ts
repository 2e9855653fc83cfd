import type { Storage } from "./storage.ts";

/** Load balancers give a check a few seconds; answer before they give up. */
const CHECK_TIMEOUT_MS = 2000;

export interface HealthCheck {
  readonly name: string;
  readonly check: () => Promise<void>;
}

/** `/readyz`, `/livez` and `/healthz`, worded as the real server words them: `ok`, or the list of checks with 500. */
export async function checkHealth(
  endpoint: string,
  checks: readonly HealthCheck[],
  verbose: boolean,
): Promise<{ code: number; text: string }> {
  const results = await Promise.all(checks.map(async ({ name, check }) => ({ name, passed: await passes(check) })));
  const lines = results.map(({ name, passed }) => (passed ? `[+]${name} ok` : `[-]${name} failed: reason withheld`));
  const healthy = results.every(({ passed }) => passed);
  if (healthy && !verbose) return { code: 200, text: "ok" };
  const result = `${endpoint} check ${healthy ? "passed" : "failed"}`;
  return { code: healthy ? 200 : 500, text: `${[...lines, result].join("\n")}\n` };
}

/** Asks etcd for a linearizable read. */
export function etcdCheck(storage: Storage): HealthCheck {
  return { name: "etcd", check: () => storage.checkHealth() };
}

async function passes(check: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT_MS);
  });
  const passed = check().then(
    () => true,
    () => false,
  );
  return Promise.race([passed, expired]).finally(() => clearTimeout(timer));
}
