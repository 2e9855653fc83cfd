import type { HostSpec } from "./driver.ts";

const RETRY_MS = 1_000;

/**
 * Which management agents are online. An agent registers with the keys of its instance profile, as SSM's does, and
 * reaches AWS over the Internet: a host without a profile is never managed, and one without a way out is not until it
 * has one.
 */
export class Agents {
  readonly #sleep: (ms: number) => Promise<void>;
  readonly #booted = new Set<string>();
  readonly #online = new Map<string, HostSpec>();
  readonly #listeners: ((instanceId: string, online: boolean) => void)[] = [];

  constructor(sleep: (ms: number) => Promise<void>) {
    this.#sleep = sleep;
  }

  listen(listener: (instanceId: string, online: boolean) => void): void {
    this.#listeners.push(listener);
  }

  /** An agent that has lost its way out is found out by the first who wants something of it. */
  isOnline(instanceId: string): boolean {
    const spec = this.#online.get(instanceId);
    if (!spec || spec.egress()) return spec !== undefined;
    this.drop(instanceId);
    void this.register(spec);
    return false;
  }

  /** A host's agent has come up, or does so in `afterMs`. */
  async register(spec: HostSpec, afterMs = 0): Promise<void> {
    const { instanceId } = spec;
    this.#booted.add(instanceId);
    if (afterMs > 0) await this.#sleep(afterMs);
    while (this.#booted.has(instanceId) && !spec.egress()) await this.#sleep(RETRY_MS);
    const credentials = await spec.credentials();
    // The host may have gone down while the keys were fetched.
    if (!credentials || !this.#booted.has(instanceId) || this.#online.has(instanceId)) return;
    this.#online.set(instanceId, spec);
    this.#notify(instanceId, true);
  }

  /** A host's agent is lost. */
  drop(instanceId: string): void {
    this.#booted.delete(instanceId);
    if (this.#online.delete(instanceId)) this.#notify(instanceId, false);
  }

  #notify(instanceId: string, online: boolean): void {
    for (const listener of this.#listeners) listener(instanceId, online);
  }
}
