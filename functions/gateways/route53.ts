import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import type { Owned } from "../domain/ownership.ts";
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

/** The address record of that name, if there is one. */
export const findAddressRecord = async (HostedZoneId: string, name: string): Promise<ResourceRecordSet | undefined> => {
  const answer = await ignoring(
    ["NoSuchHostedZone"],
    route53.send(
      new ListResourceRecordSetsCommand({ HostedZoneId, StartRecordName: name, StartRecordType: "A", MaxItems: 1 }),
    ),
  );
  const [record] = answer?.ResourceRecordSets ?? [];
  return record?.Name === `${name}.` && record.Type === "A" ? record : undefined;
};

/** Deletes a record as it was read; one that was changed or deleted meanwhile is left as it is. */
export const deleteRecord = async (
  { id }: Owned<"dns-record">,
  HostedZoneId: string,
  record: ResourceRecordSet,
): Promise<void> => {
  const Changes = [{ Action: "DELETE" as const, ResourceRecordSet: { ...record, Name: id } }];
  await ignoring(
    ["InvalidChangeBatch", "NoSuchHostedZone"],
    route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } })),
  );
};
