import { ec2 } from "../../aws/ec2/client.ts";
import { findNameConflicts } from "../../aws/ec2/name-conflicts.ts";
import { route53 } from "../../aws/route53/client.ts";
import { findRecords } from "../../aws/route53/route53.ts";
import { ssm } from "../../aws/ssm/client.ts";
import { listParameterNames } from "../../aws/ssm/parameters.ts";
import { apiName, balancerName } from "../../domain/cluster/naming.ts";
import { type ClusterRecord, ownerOf } from "../../domain/cluster/records.ts";
import { evaluateName, evaluateNameRecords } from "../../domain/ownership/name-conflicts.ts";
import type { Problem } from "../../domain/spec/spec.ts";
import { bind } from "../../runtime/bind.ts";
import type { Deps } from "../../runtime/collaborators.ts";

export const checkNameCalls = {
  ...bind(ec2, { findNameConflicts }),
  ...bind(ssm, { listParameterNames }),
  ...bind(route53, { findRecords }),
};

type Collaborators = Deps<typeof checkNameCalls>;

/**
 * Is the name free in this account? `known` is the cluster on record, if it is: once it has a network, what bears its
 * name is its own, or Kubernetes' in it. Parameters are asked for only before there is a record: the steps that write
 * them look.
 */
export async function checkName(
  deps: Collaborators,
  name: string,
  known: ClusterRecord | undefined,
): Promise<Problem[]> {
  if (known?.network) return [];
  const [resources, parameters] = await Promise.all([
    deps.aws.findNameConflicts(name),
    known ? [] : deps.aws.listParameterNames(name),
  ]);
  return evaluateName(name, known?.uid, { resources, parameters });
}

/** Is the API's name free in this hosted zone, which the spec calls `zone`? */
export async function checkApiName(
  deps: Collaborators,
  cluster: string,
  hostedZone: { readonly id: string; readonly zone: string },
  known: ClusterRecord | undefined,
): Promise<Problem[]> {
  const name = apiName(cluster);
  const records = await deps.aws.findRecords(hostedZone.id, name);
  if (records === undefined) {
    const message = `--dns-zone: "${hostedZone.zone}" is not the id of a hosted zone in Route 53`;
    return [{ flag: "--dns-zone", value: hostedZone.zone, message }];
  }
  return evaluateNameRecords(hostedZone.zone, name, records, known && balancerName(ownerOf(known)));
}
