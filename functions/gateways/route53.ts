import { ChangeResourceRecordSetsCommand, ListHostedZonesByNameCommand, Route53Client } from "@aws-sdk/client-route-53";
import { call } from "./aws-errors.ts";

const route53 = new Route53Client({});

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
