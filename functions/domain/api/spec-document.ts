import * as z from "zod";
import {
  ApiLoadBalancerType,
  ClusterName,
  InstanceType,
  Networking,
  SecurityGroupId,
  Topology,
  ZoneName,
} from "../spec/spec.ts";

/**
 * A spec as a request may write it, for the OpenAPI document. What is wrong with one is said by parse-spec.ts, which names
 * everything at once and checks more than a schema can; a test holds the two together. Lists may be text with commas too,
 * as on a command line, and text may have blanks around it; that is not advertised.
 */

const Labels = z
  .record(z.string().min(1).max(128), z.string().max(256))
  .describe("Tags for every resource of the cluster, at most 40.");

const FIELDS = {
  version: z.literal(1).describe("Version of this schema."),
  name: ClusterName.describe("Name of the cluster; it cannot be changed."),
  region: z.string().max(32).describe("Region of all zones; it follows from them."),
  zones: z.array(ZoneName).min(1).max(64).describe("Zones of the nodes."),
  masterZones: z
    .array(ZoneName)
    .min(1)
    .max(7)
    .describe("Zone of each master, one entry a master, an odd number of them. Absent: one, in the first zone."),
  masterCount: z.int().min(1).max(7).describe("Masters, odd; spread over `masterZones`, or `zones`, in turn."),
  nodeCount: z.int().min(0).max(1000).describe("Nodes of the whole cluster. Absent: one a zone."),
  nodeSize: InstanceType.describe("Instance type of nodes; t3.medium if absent."),
  masterSize: InstanceType.describe("Instance type of masters; t3.medium if absent."),
  masterSizeFallbacks: z
    .array(InstanceType)
    .max(5)
    .describe("Types that a master may have instead, in this order, while there is no capacity."),
  masterZoneFallback: z
    .enum(["wait", "move"])
    .describe("What a master does whose zone launches nothing for long; `wait` if absent."),
  masterZoneFallbackMinutes: z
    .int()
    .min(1)
    .max(1440)
    .describe("For how long its launches fail before a master moves; 30 if absent."),
  topology: Topology.describe("`private` has NAT gateways and no public addresses; `public` if absent."),
  networking: z
    .union([
      z.string().min(1).max(40).describe("A network by name, kops' names included."),
      z.strictObject({ requested: z.string().min(1).max(40), used: Networking }),
    ])
    .describe("Network of the pods; cilium if absent."),
  networkCidr: z.string().max(18).describe("The VPC's network, private, /16 to /20; 172.20.0.0/16 if absent."),
  dnsZone: z.string().min(1).max(253).describe("Domain or id of the hosted zone in which the API gets a name."),
  apiLoadBalancerType: ApiLoadBalancerType.describe("Where the API can be reached from; `public` if absent."),
  adminAccess: z
    .array(z.string().max(18))
    .min(1)
    .max(40)
    .describe("Networks that may reach the API, such as 203.0.113.0/24; all if absent."),
  nodeSecurityGroups: z.array(SecurityGroupId).max(4).describe("Groups of yours to put nodes into as well."),
  masterSecurityGroups: z.array(SecurityGroupId).max(4).describe("Groups of yours to put masters into as well."),
  cloudLabels: Labels,
  image: z.string().min(1).max(1024).describe("`ami-…`, `ssm:<parameter>`, `name` or `owner/name`."),
  kubernetesVersion: z.string().min(1).max(32).describe("Such as 1.37.1; the default version if absent."),
  etcdVolumeGiB: z.int().min(1).max(1024).describe("Size of each master's etcd volume; 20 if absent."),
  cloud: z.literal("aws").describe("Taken so that documents written for kops work."),
  state: z.string().max(1024).describe("Ignored, with a warning: Holdfast keeps its own state."),
} as const;

/** What `POST /clusters` and `POST /plan` take. */
export const SpecDocument = z
  .strictObject(FIELDS)
  .partial()
  .required({ name: true, zones: true })
  .describe("What you ask for. Every field but `name` and `zones` has a default.");

/** What `PATCH` takes: a JSON merge patch (RFC 7396). */
export const SpecPatchDocument = z
  .strictObject(
    Object.fromEntries(Object.entries(FIELDS).map(([field, schema]) => [field, schema.nullable().optional()])),
  )
  .describe("The fields to change; null takes one back to its default. Some cannot be changed, and say so.");
