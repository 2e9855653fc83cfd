import { KubernetesRights, type Statement } from "./kubernetes-rights.ts";
import { type Owner, parameterPath } from "./naming.ts";
import type { ClusterSpec } from "./spec.ts";

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

interface Place {
  /** Name of the table that masters write their health to. */
  readonly table: string;
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  /** The stack's key, with which secrets are encrypted. */
  readonly secretsKeyArn: string;
}

/** Partition key of the items in which a cluster's masters write how their etcd is. */
export const beatKey = (uid: string): string => `BEAT#${uid}`;

const parameters = (owner: Owner, place: Place, below: string) =>
  `arn:${place.partition}:ssm:${place.region}:${place.accountId}:parameter${parameterPath(owner)}/${below}`;

/**
 * AmazonSSMManagedInstanceCore, which the management agent needs, lets an instance read every parameter of the account:
 * other clusters' keys too. A deny wins over it.
 */
const noOtherParameters = (own: string): Statement => ({
  Effect: "Deny",
  Action: ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory"],
  NotResource: own,
});

/** SSM uses the key in its caller's name; the parameter is the context, so one cluster's role opens nothing of another's. */
const useKey = (action: "kms:Decrypt" | "kms:Encrypt", place: Place, parameter: string): Statement => ({
  Effect: "Allow",
  Action: [action],
  Resource: place.secretsKeyArn,
  Condition: {
    StringEquals: { "kms:ViaService": `ssm.${place.region}.amazonaws.com` },
    StringLike: { "kms:EncryptionContext:PARAMETER_ARN": parameter },
  },
});

type Network = ClusterSpec["networking"]["used"];

/**
 * A master reads its cluster's secrets and hands out the means to join; what runs there for Kubernetes makes load balancers and
 * volumes. Nothing of another cluster.
 */
export const masterPolicy = (owner: Owner, place: Place, network: Network): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["ssm:GetParameters"], Resource: parameters(owner, place, "masters/*") },
    useKey("kms:Decrypt", place, parameters(owner, place, "masters/*")),
    noOtherParameters(parameters(owner, place, "masters/*")),
    { Effect: "Allow", Action: ["ssm:PutParameter"], Resource: parameters(owner, place, "nodes/join") },
    useKey("kms:Encrypt", place, parameters(owner, place, "nodes/join")),
    {
      // Only the items of this cluster's beats: no master can speak for another cluster's (faults X8).
      Effect: "Allow",
      Action: ["dynamodb:PutItem"],
      Resource: `arn:${place.partition}:dynamodb:${place.region}:${place.accountId}:table/${place.table}`,
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [beatKey(owner.uid)] } },
    },
    ...new KubernetesRights(owner.cluster, place).ofMasters(network),
  ],
});

/** A node reads how to join, and nothing else of the cluster's; with a network of the VPC's, its pods get addresses. */
export const nodePolicy = (owner: Owner, place: Place, network: Network): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: ["ssm:GetParameter"], Resource: parameters(owner, place, "nodes/*") },
    useKey("kms:Decrypt", place, parameters(owner, place, "nodes/*")),
    noOtherParameters(parameters(owner, place, "nodes/*")),
    { Effect: "Allow", Action: ["ec2:DescribeInstances"], Resource: "*" },
    ...new KubernetesRights(owner.cluster, place).ofNodes(network),
  ],
});
