import { createHash } from "node:crypto";
import type * as ec2 from "@aws-sdk/client-ec2";
import type { Handlers } from "../../wire/contract.ts";
import type { Engine } from "../engine/engine.ts";
import { required } from "../engine/errors.ts";
import { type FilterAttributes, select } from "../engine/filters.ts";
import type { Instance } from "../engine/state-compute.ts";

const filters: FilterAttributes<Instance> = {
  "instance-id": ({ id }) => id,
  state: ({ profileArn }) => (profileArn === undefined ? undefined : "associated"),
};

/** What is asked about instances beside their description. */
export function instanceFactHandlers({ store }: Engine): Handlers<typeof ec2> {
  return {
    DescribeInstanceCreditSpecifications(input) {
      const { Filters: _, ...query } = input;
      const { items, ...next } = select(store.instances, input.InstanceIds, query, filters);
      const burstable = items.filter(({ type }) => /^t\d/.test(type));
      return {
        // T2 starts as standard, all later ones as unlimited (EC2 user guide, "Burstable performance instances").
        InstanceCreditSpecifications: burstable.map(({ id, type }) => ({
          InstanceId: id,
          CpuCredits: type.startsWith("t2.") ? "standard" : "unlimited",
        })),
        ...next,
      };
    },
    DescribeIamInstanceProfileAssociations(input) {
      const { items, ...next } = select(store.instances, undefined, input, filters);
      const wanted = items.flatMap(associationOf).filter(({ AssociationId = "" }) => {
        return input.AssociationIds === undefined || input.AssociationIds.includes(AssociationId);
      });
      return { IamInstanceProfileAssociations: wanted, ...next };
    },
    GetLaunchTemplateData(input) {
      const instance = store.instances.get(required(input.InstanceId, "InstanceId"));
      return {
        LaunchTemplateData: {
          ImageId: instance.imageId,
          InstanceType: instance.type,
          EbsOptimized: instance.ebsOptimized,
          ...(instance.keyName !== undefined && { KeyName: instance.keyName }),
          ...(instance.profileArn !== undefined && { IamInstanceProfile: { Arn: instance.profileArn } }),
          Monitoring: { Enabled: instance.monitoring },
          Placement: { AvailabilityZone: instance.zone },
          UserData: instance.userData,
          MetadataOptions: instance.metadata,
        },
      };
    },
  };
}

function associationOf({ id, profileArn, state }: Instance): ec2.IamInstanceProfileAssociation[] {
  if (profileArn === undefined || state === "terminated") return [];
  const digits = createHash("sha256").update(`${id}/${profileArn}`).digest("hex");
  const profileId = `AIPA${digits.slice(17, 34).toUpperCase()}`;
  return [
    {
      AssociationId: `iip-assoc-0${digits.slice(0, 16)}`,
      InstanceId: id,
      IamInstanceProfile: { Arn: profileArn, Id: profileId },
      State: "associated",
    },
  ];
}
