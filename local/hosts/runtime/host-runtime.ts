import { rmSync } from "node:fs";
import type { z } from "zod";
import type { controllerMethods, RuntimeHostSpec, runtimeMethods } from "../protocol.ts";
import { resolverAddress } from "../root-file-system.ts";
import type { MethodHandlers } from "../rpc.ts";
import { runProgram } from "./commands.ts";
import { Host } from "./host.ts";
import { LoadBalancers } from "./load-balancer.ts";
import { MetadataService } from "./metadata.ts";
import { VpcNetwork } from "./network.ts";
import { probeHttps, probeTcp } from "./probe.ts";
import { listenResolver } from "./resolver.ts";
import { listenForwards, listenRelay } from "./streams.ts";

/** What the host runtime asks of, and reports to, its controller. */
export interface RuntimeController {
  credentials(instanceId: string): Promise<z.infer<typeof controllerMethods.credentials.result>["credentials"]>;
  hasEgress(instanceId: string): Promise<boolean>;
  resolve(name: string): Promise<readonly string[] | undefined>;
  onAgent(instanceId: string, online: boolean): void;
  onConsole(instanceId: string, text: string): void;
}

type Configuration = z.infer<typeof runtimeMethods.configure.params>;

/** The network and the hosts of one VPC. `methods` is what the controller may ask. */
export class HostRuntime {
  readonly methods: MethodHandlers<typeof runtimeMethods>;
  readonly #controller: RuntimeController;
  readonly #forwardPath: (socketDirectory: string) => string;
  readonly #network = new VpcNetwork();
  readonly #hosts = new Map<string, Host>();
  readonly #balancers = new LoadBalancers(this.#network, (address) =>
    this.#specs().some((spec) => spec.address === address),
  );
  #configuration: Configuration | undefined;

  constructor(controller: RuntimeController, forwardPath: (socketDirectory: string) => string) {
    this.#controller = controller;
    this.#forwardPath = forwardPath;
    this.methods = this.#makeMethods();
  }

  /** The last thing a host runtime does: its controller may have been killed, and then nobody else would. */
  removeSockets(): void {
    if (this.#configuration) rmSync(this.#configuration.socketDirectory, { recursive: true, force: true });
  }

  #makeMethods(): MethodHandlers<typeof runtimeMethods> {
    return {
      configure: async (configuration) => {
        await this.#configure(configuration);
        return {};
      },
      start: async (spec) => {
        await this.#start(spec);
        return {};
      },
      stop: async ({ instanceId, graceful }) => {
        await this.#host(instanceId).stop({ graceful });
        return {};
      },
      remove: async ({ instanceId }) => {
        await this.#hosts.get(instanceId)?.remove();
        this.#hosts.delete(instanceId);
        return {};
      },
      setFirewall: async ({ instanceId, firewall }) => {
        await this.#host(instanceId).setFirewall(firewall);
        return {};
      },
      attach: async ({ instanceId, volumeId, path, device }) => {
        await this.#host(instanceId).devices.attach(volumeId, path, device);
        return {};
      },
      detach: async ({ instanceId, volumeId, force }) => await this.#host(instanceId).detach(volumeId, force),
      run: async ({ instanceId, script, timeoutMs }) => await this.#host(instanceId).run(script, timeoutMs),
      processOf: async ({ instanceId }) => {
        const pid = this.#host(instanceId).pid;
        if (pid === undefined) throw new Error(`host ${instanceId} is shut down`);
        return { pid };
      },
      putLoadBalancer: async (balancer) => {
        await this.#balancers.put(balancer);
        return {};
      },
      deleteLoadBalancer: async ({ dnsName }) => {
        await this.#balancers.delete(dnsName);
        return {};
      },
      probe: async ({ path, ...target }) => ({
        reachable: await (path === undefined ? probeTcp(target) : probeHttps(target, path)),
      }),
      setLink: async ({ instanceId, up }) => {
        await this.#host(instanceId).setLink(up);
        return {};
      },
      setBlocked: async ({ instanceId, addresses, blocked }) => {
        await this.#host(instanceId).setBlocked(addresses, blocked);
        return {};
      },
      setFrozen: async ({ instanceId, frozen }) => {
        this.#host(instanceId).setFrozen(frozen);
        return {};
      },
      signal: async ({ instanceId, of, signal }) => ({ processes: this.#host(instanceId).signal(of, signal) }),
    };
  }

  async #configure(configuration: Configuration): Promise<void> {
    this.#configuration = configuration;
    // Hosts' mounts become slaves of the host runtime's, so that a volume attached later appears on a running host.
    await Promise.all([this.#network.open(), runProgram("mount", ["--make-rshared", "/"])]);
    const metadata = new MetadataService({
      hostAt: (address) => this.#specs().find((spec) => spec.address === address),
      credentials: (instanceId) => this.#controller.credentials(instanceId),
    });
    const mayLeave = async (address: string): Promise<boolean> => {
      const sender = this.#specs().find((spec) => spec.address === address);
      return sender !== undefined && (await this.#controller.hasEgress(sender.instanceId));
    };
    await Promise.all([
      metadata.listen(),
      listenResolver(
        async (name) =>
          this.#balancers.lookUp(name) ??
          lookUpApi(name) ??
          this.#lookUpHost(name) ??
          (await this.#controller.resolve(name)),
      ),
      listenRelay(80, configuration.awsSocket, mayLeave),
      configuration.apiSocket === undefined ? undefined : listenRelay(443, configuration.apiSocket, mayLeave),
      listenForwards(this.#forwardPath(configuration.socketDirectory)),
    ]);
  }

  async #start(spec: RuntimeHostSpec): Promise<void> {
    const known = this.#hosts.get(spec.instanceId);
    if (known) return await known.start();
    if (!this.#configuration) throw new Error("the host runtime is not configured");
    const holder = this.#specs().find((other) => other.address === spec.address);
    if (holder) throw new Error(`address ${spec.address} belongs to ${holder.instanceId}`);
    const host = new Host(spec, {
      network: this.#network,
      bwrap: this.#configuration.bwrap,
      socketDirectory: this.#configuration.socketDirectory,
      onAgent: (instanceId, online) => this.#controller.onAgent(instanceId, online),
      onConsole: (instanceId, text) => this.#controller.onConsole(instanceId, text),
    });
    this.#hosts.set(spec.instanceId, host);
    await host.prepare();
    await host.start();
  }

  /** Private DNS names of EC2: by instance id, and by address (`ip-10-0-0-1`), in the Region's domain. */
  #lookUpHost(name: string): readonly string[] | undefined {
    const spec = this.#specs().find((host) =>
      [host.instanceId, `ip-${host.address.replaceAll(".", "-")}`, host.hostname.split(".")[0] ?? ""].some(
        (label) => name === `${label}.${host.region}.compute.internal` || name === host.hostname,
      ),
    );
    return spec && [spec.address];
  }

  #specs(): RuntimeHostSpec[] {
    return [...this.#hosts.values()].map((host) => host.spec);
  }

  #host(instanceId: string): Host {
    const host = this.#hosts.get(instanceId);
    if (!host) throw new Error(`there is no host ${instanceId}`);
    return host;
  }
}

/** HTTP APIs have public names; they lead to the relay, as all of AWS does. */
function lookUpApi(name: string): readonly string[] | undefined {
  return /^[a-z0-9]+\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/.test(name) ? [resolverAddress] : undefined;
}
