import { judgeName, judgeNameRecords } from "../domain/namesakes.ts";
import { apiName, balancerName } from "../domain/naming.ts";
import { type ClusterRecord, ownerOf } from "../domain/records.ts";
import type { Problem } from "../domain/spec.ts";
import { findNamesakes } from "../gateways/ec2/namesakes.ts";
import { listParameterNames } from "../gateways/parameters.ts";
import { findRecords } from "../gateways/route53.ts";

/**
 * Is the name free in this account? `known` is the cluster on record, if it is: once it has a network, what bears its name is
 * its own, or Kubernetes' in it. Parameters are asked for only before there is a record: the steps that write them look.
 */
export const checkName = async (name: string, known: ClusterRecord | undefined): Promise<Problem[]> => {
  if (known?.network) return [];
  const [resources, parameters] = await Promise.all([findNamesakes(name), known ? [] : listParameterNames(name)]);
  return judgeName(name, known?.uid, { resources, parameters });
};

/** Is the API's name free in this hosted zone, which the spec calls `zone`? */
export const checkApiName = async (
  cluster: string,
  hostedZone: { readonly id: string; readonly zone: string },
  known: ClusterRecord | undefined,
): Promise<Problem[]> => {
  const name = apiName(cluster);
  const records = await findRecords(hostedZone.id, name);
  if (records === undefined) {
    const message = `--dns-zone: "${hostedZone.zone}" is not the id of a hosted zone in Route 53`;
    return [{ flag: "--dns-zone", value: hostedZone.zone, message }];
  }
  return judgeNameRecords(hostedZone.zone, name, records, known && balancerName(ownerOf(known)));
};
