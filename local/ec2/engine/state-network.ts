import { z } from "zod";
import { resourceFields } from "./state.ts";

export const vpcSchema = z.object({
  ...resourceFields,
  cidr: z.string(),
  /** Added later; a snapshot of before that knows none. */
  furtherBlocks: z.array(z.object({ id: z.string(), cidr: z.string(), createdAt: z.number() })).default([]),
  isDefault: z.boolean(),
  dhcpOptionsId: z.string(),
  dnsSupport: z.boolean(),
  dnsHostnames: z.boolean(),
});
export type Vpc = z.infer<typeof vpcSchema>;

export const subnetSchema = z.object({
  ...resourceFields,
  vpcId: z.string(),
  cidr: z.string(),
  zone: z.string(),
  publicIpOnLaunch: z.boolean(),
  defaultForZone: z.boolean(),
});
export type Subnet = z.infer<typeof subnetSchema>;

export const internetGatewaySchema = z.object({ ...resourceFields, vpcId: z.string().optional() });
export type InternetGateway = z.infer<typeof internetGatewaySchema>;

const routeSchema = z.object({
  /** An IPv4 or IPv6 network. */
  destination: z.string(),
  /** An `igw-`, `nat-` or `eni-` id. */
  target: z.string(),
});
export type Route = z.infer<typeof routeSchema>;

export const routeTableSchema = z.object({
  ...resourceFields,
  vpcId: z.string(),
  routes: z.array(routeSchema),
  /** The association without a subnet makes the table its VPC's main one. */
  associations: z.array(z.object({ id: z.string(), subnetId: z.string().optional() })),
});
export type RouteTable = z.infer<typeof routeTableSchema>;

/** Only the default one that comes with a VPC. */
export const networkAclSchema = z.object({ ...resourceFields, vpcId: z.string() });
export type NetworkAcl = z.infer<typeof networkAclSchema>;

export const dhcpOptionsSchema = z.object({
  ...resourceFields,
  isDefault: z.boolean(),
  configurations: z.array(z.object({ key: z.string(), values: z.array(z.string()) })),
});
export type DhcpOptions = z.infer<typeof dhcpOptionsSchema>;

export const addressSchema = z.object({
  ...resourceFields,
  publicIp: z.string(),
  association: z.object({ id: z.string(), networkInterfaceId: z.string() }).optional(),
});
export type Address = z.infer<typeof addressSchema>;

export const natGatewaySchema = z.object({
  ...resourceFields,
  subnetId: z.string(),
  vpcId: z.string(),
  connectivity: z.enum(["public", "private"]),
  state: z.enum(["pending", "failed", "available", "deleting", "deleted"]),
  networkInterfaceId: z.string(),
  allocationId: z.string().optional(),
  privateIp: z.string(),
  publicIp: z.string().optional(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
  /** When it became `deleted` or `failed`. */
  goneAt: z.number().optional(),
});
export type NatGateway = z.infer<typeof natGatewaySchema>;

export const securityGroupSchema = z.object({
  ...resourceFields,
  vpcId: z.string(),
  name: z.string(),
  description: z.string(),
  /** Other VPCs in which the group may be used. */
  associations: z.array(z.object({ vpcId: z.string(), since: z.number() })),
});
export type SecurityGroup = z.infer<typeof securityGroupSchema>;

export const securityGroupRuleSchema = z.object({
  ...resourceFields,
  groupId: z.string(),
  egress: z.boolean(),
  /** `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or a protocol number. */
  protocol: z.string(),
  /** -1 where the protocol has no ports, or all of them are meant. */
  fromPort: z.number(),
  toPort: z.number(),
  /** Whom it lets in or out: an IPv4 or IPv6 network, an `sg-` or a `pl-` id. */
  peer: z.string(),
  description: z.string().optional(),
});
export type SecurityGroupRule = z.infer<typeof securityGroupRuleSchema>;

export const networkInterfaceSchema = z.object({
  ...resourceFields,
  subnetId: z.string(),
  vpcId: z.string(),
  zone: z.string(),
  address: z.string(),
  mac: z.string(),
  groupIds: z.array(z.string()),
  description: z.string(),
  sourceDestCheck: z.boolean(),
  /** The service of AWS that owns it (`amazon-elb`, …). */
  managedBy: z.string().optional(),
  /** A public address lent for as long as the instance runs; an Elastic IP takes precedence. */
  publicIp: z.string().optional(),
  attachment: z
    .object({
      id: z.string(),
      instanceId: z.string(),
      deviceIndex: z.number(),
      state: z.enum(["attaching", "attached", "detaching"]),
      attachedAt: z.number(),
      deleteOnTermination: z.boolean(),
    })
    .optional(),
});
export type NetworkInterface = z.infer<typeof networkInterfaceSchema>;
