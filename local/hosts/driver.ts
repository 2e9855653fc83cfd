import type { HostFirewall } from "./firewall.ts";

/**
 * What stands for EC2's hypervisor: isolated hosts that boot real user data. The EC2 emulation decides *that* an
 * instance runs; a driver makes it run. Drivers know nothing of Auto Scaling, of clusters or of Holdfast.
 */
export interface HostDriver {
  readonly kind: "namespaces" | "processes" | "simulated";
  /** What this driver cannot provoke or isolate, one sentence each; empty for the default driver. */
  readonly limits: readonly string[];

  /**
   * Boots a host. Resolves when its init runs; user data continues in the background (see `onAgent`). A host of an
   * earlier run boots as by `restart`, if this driver keeps root file systems from run to run; its volumes must be
   * attached again.
   */
  launch(host: HostSpec): Promise<void>;
  /**
   * Ends every process of the host. `graceful` sends SIGTERM to services first (EC2 stop/terminate); otherwise the
   * power is cut.
   */
  shutdown(instanceId: string, how: "graceful" | "power-off"): Promise<void>;
  /** Boots a stopped host again with its root file system kept. User data does not run again, enabled units do. */
  restart(instanceId: string): Promise<void>;
  /** Removes root file system, network namespace and address, if there are any. The host must be shut down. */
  destroy(instanceId: string): Promise<void>;

  /** Enforces these security groups on the host from now on, whether it is up or comes up later. */
  setFirewall(instanceId: string, firewall: HostFirewall): Promise<void>;

  createVolume(volumeId: string, options: { fromVolumeId?: string }): Promise<void>;
  deleteVolume(volumeId: string): Promise<void>;
  /** Makes the volume's block device appear on the running host: by its id on Nitro, as `device` on Xen. */
  attachVolume(instanceId: string, volumeId: string, device: string): Promise<void>;
  /**
   * Takes it away; resolves `false` while the host still has it mounted (EBS reports `busy`). With `force` it is taken
   * away even then, and what was not written is lost.
   */
  detachVolume(instanceId: string, volumeId: string, options?: { force?: boolean }): Promise<boolean>;

  /** Calls back each time the host's management agent (SSM) comes up or is lost. */
  onAgent(listener: (instanceId: string, online: boolean) => void): void;
  /**
   * Runs a shell script on the host as root through its agent, like SSM Run Command. Rejects if the agent is not
   * online.
   */
  run(instanceId: string, script: string, options: { timeoutMs: number }): Promise<RunResult>;
  /** Everything the host printed on its console so far (the last 64 KiB). */
  console(instanceId: string): string;
  /** A command for `holdfast local shell`: spawned with the terminal of the caller, it runs `argv` on the host. */
  shellCommand(instanceId: string, argv: readonly string[]): Promise<{ command: string; args: string[] }>;

  /**
   * Declares a network load balancer inside a VPC: the driver listens on `address`, proxies TCP, and resolves `dnsName`
   * there.
   */
  putLoadBalancer(balancer: HostLoadBalancer): Promise<void>;
  deleteLoadBalancer(vpcId: string, dnsName: string): Promise<void>;
  /**
   * Resolves true if a TCP connection (and, with `path`, an HTTPS GET answered 200–399) succeeds inside the VPC. `from`
   * is the address of a load balancer there, for security groups to see; without it nothing filters.
   */
  probe(vpcId: string, address: string, port: number, options: ProbeOptions): Promise<boolean>;
  /** A port on 127.0.0.1 of this machine that leads to `address:port` inside the VPC; for kubectl and for people. */
  forward(vpcId: string, address: string, port: number): Promise<number>;

  /** Ends every host and removes every mount, namespace and process that this driver made. */
  close(): Promise<void>;
}

export interface ProbeOptions {
  readonly path?: string;
  readonly timeoutMs: number;
  readonly from?: string;
}

export interface HostSpec {
  readonly instanceId: string;
  readonly vpcId: string;
  /** The primary interface: its address, its MAC (fixed for the interface's life), its subnet. */
  readonly address: string;
  readonly mac: string;
  readonly subnetCidr: string;
  readonly zone: string;
  readonly region: string;
  readonly accountId: string;
  readonly instanceType: string;
  /** Nitro shows volumes as NVMe devices, with their ids; Xen under the names with which they were attached. */
  readonly hypervisor: "nitro" | "xen";
  readonly imageId: string;
  readonly imageName?: string;
  readonly hostname: string;
  /** Decoded user data; run once at first boot, as cloud-init does. */
  readonly userData: string;
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Keys of the instance profile's role, fetched again on each request to the metadata service; undefined without a
   * profile.
   */
  readonly credentials: () => Promise<HostCredentials | undefined>;
  readonly instanceProfileName?: string;
  /** Whether what the host sends to the Internet, and so to AWS, arrives there now: asked at each connection. */
  readonly egress: () => boolean;
  /** Enforced before the host's first process runs; without one nothing is filtered. */
  readonly firewall?: HostFirewall;
}

export interface HostCredentials {
  readonly roleName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
}

export interface HostLoadBalancer {
  readonly vpcId: string;
  readonly dnsName: string;
  /** One address a zone; the driver answers on all of them. */
  readonly addresses: readonly string[];
  /** Those that the name resolves to; all of them if not given. */
  readonly resolved?: readonly string[];
  readonly listeners: readonly {
    readonly port: number;
    /** Healthy targets only; replaced on each change of health. An empty list refuses connections. */
    readonly targets: readonly BalancerTarget[];
    /** The hosts, by address, that its security groups let in; without it, all. Whoever is no host comes in always. */
    readonly clients?: readonly string[];
  }[];
}

export interface BalancerTarget {
  readonly address: string;
  readonly port: number;
  /** The balancer's addresses that forward to it; all of them if not given. */
  readonly via?: readonly string[];
}
