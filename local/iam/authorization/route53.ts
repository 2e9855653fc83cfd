import type * as route53 from "@aws-sdk/client-route-53";
import { type Demands, demand, type Mapping, mappingOf } from "./demand.ts";

/** "Actions, resources, and condition keys for Amazon Route 53". Its ARNs have neither Region nor account. */
export function route53Mapping(): Mapping {
  const onZone = (action: string, id = "") => demand(`route53:${action}`, zoneArn(id));
  const onCheck = (action: string, id = "") => demand(`route53:${action}`, `arn:aws:route53:::healthcheck/${id}`);
  const onTagged = (action: string, type: string | undefined, ids: readonly string[]) =>
    ids.map((id) => (type === "healthcheck" ? onCheck(action, id) : onZone(action, id)));
  const demands: Demands<typeof route53> = {
    ChangeResourceRecordSets: ({ HostedZoneId = "", ChangeBatch }) => {
      const changes = ChangeBatch?.Changes ?? [];
      const distinct = (values: readonly string[]) => [...new Set(values)];
      return [
        demand("route53:ChangeResourceRecordSets", zoneArn(HostedZoneId), {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": distinct(
            changes.map(({ ResourceRecordSet }) => normalizedName(ResourceRecordSet?.Name ?? "")),
          ),
          "route53:ChangeResourceRecordSetsRecordTypes": distinct(
            changes.map(({ ResourceRecordSet }) => ResourceRecordSet?.Type ?? ""),
          ),
          "route53:ChangeResourceRecordSetsActions": distinct(changes.map(({ Action }) => Action ?? "")),
        }),
      ];
    },
    GetHostedZone: (input) => [onZone("GetHostedZone", input.Id)],
    DeleteHostedZone: (input) => [onZone("DeleteHostedZone", input.Id)],
    ListResourceRecordSets: (input) => [onZone("ListResourceRecordSets", input.HostedZoneId)],
    GetChange: ({ Id = "" }) => [demand("route53:GetChange", `arn:aws:route53:::change/${lastPart(Id)}`)],
    GetHealthCheck: (input) => [onCheck("GetHealthCheck", input.HealthCheckId)],
    GetHealthCheckStatus: (input) => [onCheck("GetHealthCheckStatus", input.HealthCheckId)],
    GetHealthCheckLastFailureReason: (input) => [onCheck("GetHealthCheckLastFailureReason", input.HealthCheckId)],
    UpdateHealthCheck: (input) => [onCheck("UpdateHealthCheck", input.HealthCheckId)],
    DeleteHealthCheck: (input) => [onCheck("DeleteHealthCheck", input.HealthCheckId)],
    ChangeTagsForResource: ({ ResourceType: type, ResourceId: id = "" }) =>
      onTagged("ChangeTagsForResource", type, [id]),
    ListTagsForResource: ({ ResourceType: type, ResourceId: id = "" }) => onTagged("ListTagsForResource", type, [id]),
    ListTagsForResources: ({ ResourceType: type, ResourceIds: ids = [] }) =>
      onTagged("ListTagsForResources", type, ids),
  };
  const withoutResources =
    /^(CreateHostedZone|ListHostedZones|ListHostedZonesByName|CreateHealthCheck|ListHealthChecks|GetHealthCheckCount|TestDNSAnswer)$/;
  return mappingOf("route53", demands, withoutResources);
}

function zoneArn(id: string): string {
  return `arn:aws:route53:::hostedzone/${lastPart(id)}`;
}

/** Ids come with and without `/hostedzone/` before them. */
function lastPart(id: string): string {
  return id.split("/").at(-1) ?? id;
}

/** Small letters, no closing dot, and everything but letters, digits, `_`, `-` and `.` as `\` and three octal digits. */
function normalizedName(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/[^a-z0-9_.\\-]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
