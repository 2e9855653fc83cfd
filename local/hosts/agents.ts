import type { HostSpec } from "./driver.ts";

/**
 * Which management agents are online. An agent registers with the keys of its instance profile, as SSM's does; a host
 * without a profile is never managed.
 */
export class Agents {
  readonly #booted = new Set<string>();
  readonly #online = new Set<string>();
  readonly #listeners: ((instanceId: string, online: boolean) => void)[] = [];

  listen(listener: (instanceId: string, online: boolean) => void): void {
    this.#listeners.push(listener);
  }

  isOnline(instanceId: string): boolean {
    return this.#online.has(instanceId);
  }

  /** A host's agent has come up. */
  async register(spec: HostSpec): Promise<void> {
    this.#booted.add(spec.instanceId);
    const credentials = await spec.credentials();
    // The host may have gone down while the keys were fetched.
    if (!credentials || !this.#booted.has(spec.instanceId) || this.#online.has(spec.instanceId)) return;
    this.#online.add(spec.instanceId);
    this.#tell(spec.instanceId, true);
  }

  /** A host's agent is lost. */
  drop(instanceId: string): void {
    this.#booted.delete(instanceId);
    if (this.#online.delete(instanceId)) this.#tell(instanceId, false);
  }

  #tell(instanceId: string, online: boolean): void {
    for (const listener of this.#listeners) listener(instanceId, online);
  }
}
