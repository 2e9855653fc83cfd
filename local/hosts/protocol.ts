import { z } from "zod";

/**
 * The calls between the controller (which holds the driver) and the host runtime of one VPC (which holds its network
 * and hosts).
 */

const nothing = z.object({});
const instance = z.object({ instanceId: z.string() });

const bind = z.object({ source: z.string(), target: z.string(), writable: z.boolean() });

/** A directory or file of the machine as the host sees it. */
export type Bind = z.infer<typeof bind>;

const firewallRules = z.array(
  z.object({ protocol: z.string(), from: z.number(), to: z.number(), peers: z.array(z.cidrv4()) }),
);
const firewall = z.object({ ingress: firewallRules, egress: firewallRules });

const hostSchema = z.object({
  instanceId: z.string(),
  address: z.ipv4(),
  mac: z.string(),
  subnetCidr: z.cidrv4(),
  zone: z.string(),
  region: z.string(),
  accountId: z.string(),
  instanceType: z.string(),
  hypervisor: z.enum(["nitro", "xen"]),
  imageId: z.string(),
  hostname: z.string(),
  userData: z.string(),
  tags: z.record(z.string(), z.string()),
  instanceProfileName: z.string().optional(),
  firewall: firewall.optional(),
  /** The host's own directory on the machine: `root/`, `local/` and `devices/`. */
  directory: z.string(),
  binds: z.array(bind),
});

/** A host as the host runtime knows it. */
export type RuntimeHostSpec = z.infer<typeof hostSchema>;

const credentialsSchema = z.object({
  roleName: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  sessionToken: z.string(),
  expiresAt: z.number(),
});

const target = z.object({ address: z.ipv4(), port: z.number(), via: z.array(z.ipv4()).optional() });

const balancerSchema = z.object({
  dnsName: z.string(),
  addresses: z.array(z.ipv4()),
  resolved: z.array(z.ipv4()).optional(),
  listeners: z.array(z.object({ port: z.number(), targets: z.array(target), clients: z.array(z.ipv4()).optional() })),
});

/** A load balancer as the host runtime knows it. */
export type RuntimeBalancer = z.infer<typeof balancerSchema>;

/** What the controller asks of a host runtime. */
export const runtimeMethods = {
  configure: {
    params: z.object({
      /** A short-lived directory for Unix sockets; short, as their paths may have 107 characters at most. */
      socketDirectory: z.string(),
      awsSocket: z.string(),
      apiSocket: z.string().optional(),
      bwrap: z.string(),
      compileCache: z.string(),
    }),
    result: nothing,
  },
  start: { params: hostSchema, result: nothing },
  stop: { params: instance.extend({ graceful: z.boolean() }), result: nothing },
  remove: { params: instance, result: nothing },
  setFirewall: { params: instance.extend({ firewall }), result: nothing },
  attach: {
    params: instance.extend({ volumeId: z.string(), path: z.string(), device: z.string() }),
    result: nothing,
  },
  detach: {
    params: instance.extend({ volumeId: z.string(), force: z.boolean() }),
    /** `holders`: processes that had it open, when it was taken by force; they stand still. */
    result: z.object({ detached: z.boolean(), wasMounted: z.boolean(), holders: z.array(z.number()) }),
  },
  run: {
    params: instance.extend({ script: z.string(), timeoutMs: z.number() }),
    result: z.object({ exitCode: z.number(), stdout: z.string(), stderr: z.string(), timedOut: z.boolean() }),
  },
  /** The process id of the host's first process, as the host runtime sees it. */
  processOf: { params: instance, result: z.object({ pid: z.number() }) },
  putLoadBalancer: { params: balancerSchema, result: nothing },
  deleteLoadBalancer: { params: z.object({ dnsName: z.string() }), result: nothing },
  probe: {
    params: z.object({
      address: z.ipv4(),
      port: z.number(),
      path: z.string().optional(),
      timeoutMs: z.number(),
      from: z.ipv4().optional(),
    }),
    result: z.object({ reachable: z.boolean() }),
  },
  /** Fault: the network cable of a host. */
  setLink: { params: instance.extend({ up: z.boolean() }), result: nothing },
  /** Fault: what a host sends to these addresses is lost, or no longer. */
  setBlocked: {
    params: instance.extend({ addresses: z.array(z.ipv4()), blocked: z.boolean() }),
    result: nothing,
  },
  /** Fault: a host whose processes make no progress. */
  setFrozen: { params: instance.extend({ frozen: z.boolean() }), result: nothing },
  /**
   * Fault: a signal to some processes of a host, by their program, by the volume on which they have files open, or by
   * their ids.
   */
  signal: {
    params: instance.extend({
      of: z.union([
        z.object({ program: z.string() }),
        z.object({ volumeId: z.string() }),
        z.object({ processes: z.array(z.number()) }),
      ]),
      signal: z.enum(["SIGSTOP", "SIGCONT", "SIGKILL"]),
    }),
    result: z.object({ processes: z.array(z.number()) }),
  },
} as const;

/** What a host runtime asks of, or reports to, the controller. */
export const controllerMethods = {
  credentials: { params: instance, result: z.object({ credentials: credentialsSchema.nullable() }) },
  /** Whether the host has a way to the Internet now. */
  egress: { params: instance, result: z.object({ open: z.boolean() }) },
  /** Addresses of a name outside of the VPC, as public name servers answer; null for one that they do not know. */
  resolve: {
    params: z.object({ name: z.string() }),
    result: z.object({ addresses: z.array(z.string()).readonly().nullable() }),
  },
  agent: { params: instance.extend({ online: z.boolean() }), result: nothing },
  console: { params: instance.extend({ text: z.string() }), result: nothing },
} as const;
