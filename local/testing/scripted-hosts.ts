import type { HostDriver, HostLoadBalancer, RunResult } from "../hosts/driver.ts";

/** A host driver that boots nothing: a test says which agents are online, what scripts answer, and what can be reached. */
export class ScriptedHosts implements HostDriver {
  readonly kind = "simulated";
  readonly limits = [];
  readonly scripts: { instanceId: string; script: string; timeoutMs: number }[] = [];
  readonly balancers = new Map<string, HostLoadBalancer>();
  /** `address:port` pairs that accept connections. */
  readonly reachable = new Set<string>();
  answer: () => Promise<RunResult> = async () => ({ exitCode: 0, stdout: "", stderr: "", timedOut: false });
  readonly #listeners: ((instanceId: string, online: boolean) => void)[] = [];

  setAgent(instanceId: string, online: boolean): void {
    for (const listener of this.#listeners) listener(instanceId, online);
  }

  onAgent(listener: (instanceId: string, online: boolean) => void): void {
    this.#listeners.push(listener);
  }

  async run(instanceId: string, script: string, options: { timeoutMs: number }): Promise<RunResult> {
    this.scripts.push({ instanceId, script, timeoutMs: options.timeoutMs });
    return this.answer();
  }

  async putLoadBalancer(balancer: HostLoadBalancer): Promise<void> {
    this.balancers.set(balancer.dnsName, balancer);
  }

  async deleteLoadBalancer(_vpcId: string, dnsName: string): Promise<void> {
    this.balancers.delete(dnsName);
  }

  async probe(_vpcId: string, address: string, port: number): Promise<boolean> {
    return this.reachable.has(`${address}:${port}`);
  }

  async launch(): Promise<void> {}
  async shutdown(): Promise<void> {}
  async restart(): Promise<void> {}
  async destroy(): Promise<void> {}
  async setFirewall(): Promise<void> {}
  async createVolume(): Promise<void> {}
  async deleteVolume(): Promise<void> {}
  async attachVolume(): Promise<void> {}
  async detachVolume(): Promise<boolean> {
    return true;
  }
  console(): string {
    return "";
  }
  async shellCommand(): Promise<{ command: string; args: string[] }> {
    return { command: "true", args: [] };
  }
  async forward(): Promise<number> {
    return 0;
  }
  async close(): Promise<void> {}
}
