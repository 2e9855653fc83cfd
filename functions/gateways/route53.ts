import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { clientSettings } from "./aws-client.ts";
import { call, ignoring } from "./aws-errors.ts";

const route53 = new Route53Client(clientSettings);

/** Ids of the hosted zones of exactly this name. */
export const findHostedZones = async (name: string): Promise<string[]> => {
  const { HostedZones = [] } = await call(route53.send(new ListHostedZonesByNameCommand({ DNSName: name })));
  return HostedZones.filter((zone) => zone.Name === `${name}.`).map(({ Id = "" }) => Id.replace("/hostedzone/", ""));
};

/** `api.CLUSTER` as an alias of the load balancer. UPSERT, so repeating it is harmless. */
export const upsertAlias = async (
  hostedZoneId: string,
  name: string,
  target: { dnsName: string; hostedZoneId: string },
): Promise<void> => {
  await call(
    route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: hostedZoneId,
        ChangeBatch: {
          Changes: [
            {
              Action: "UPSERT",
              ResourceRecordSet: {
                Name: name,
                Type: "A",
                AliasTarget: {
                  DNSName: target.dnsName,
                  HostedZoneId: target.hostedZoneId,
                  EvaluateTargetHealth: false,
                },
              },
            },
          ],
        },
      }),
    ),
  );
};

/** The alias of that name, if it leads to a load balancer of that name; what leads elsewhere is somebody else's. */
export const findAlias = async (
  HostedZoneId: string,
  name: string,
  balancer: string,
): Promise<ResourceRecordSet | undefined> => {
  const answer = await ignoring(
    ["NoSuchHostedZone"],
    route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name, StartRecordType: "A", MaxItems: 1 }),
    ),
  );
  const [record] = answer?.ResourceRecordSets ?? [];
  const isIt = record?.Name === `${name}.` && record.AliasTarget?.DNSName?.includes(`${balancer}-`);
  return isIt ? record : undefined;
};

/** Deletes a record as it was read; one that was changed or deleted meanwhile is left as it is. */
export const deleteRecord = async (HostedZoneId: string, record: ResourceRecordSet): Promise<void> => {
  const Changes = [{ Action: "DELETE" as const, ResourceRecordSet: record }];
  await ignoring(
    ["InvalidChangeBatch", "NoSuchHostedZone"],
    route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } })),
  );
};
