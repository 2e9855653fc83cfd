import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { type Owner, ownerTags } from "../domain/naming.ts";
import { clientSettings } from "./aws-client.ts";
import { call, ignoring } from "./aws-errors.ts";
import { toTags } from "./ec2/client.ts";

const iam = new IAMClient(clientSettings);

const EXISTS = ["EntityAlreadyExists", "EntityAlreadyExistsException"];

export interface InstanceRoleRequest {
  /** Name of role and profile. */
  readonly name: string;
  readonly resource: string;
  readonly policy: object;
  /** `arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore`, in the partition at hand. */
  readonly managedPolicyArns: readonly string[];
  readonly permissionsBoundaryArn: string;
}

/** IAM path of everything that clusters own; the functions' rights end at it. */
export const PATH = "/holdfast/";

const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** An instance role with its profile. Names are the keys, so creating again is harmless. */
export const ensureInstanceRole = async (owner: Owner, want: InstanceRoleRequest): Promise<void> => {
  const Tags = toTags(ownerTags(owner, want.resource));
  await Promise.all([
    ignoring(
      EXISTS,
      iam.send(
        new CreateRoleCommand({
          RoleName: want.name,
          Path: PATH,
          AssumeRolePolicyDocument: TRUST,
          PermissionsBoundary: want.permissionsBoundaryArn,
          Tags,
        }),
      ),
    ),
    ignoring(EXISTS, iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: want.name, Path: PATH, Tags }))),
  ]);
  await Promise.all([
    call(
      iam.send(
        new PutRolePolicyCommand({
          RoleName: want.name,
          PolicyName: "cluster",
          PolicyDocument: JSON.stringify(want.policy),
        }),
      ),
    ),
    ...want.managedPolicyArns.map((PolicyArn) =>
      call(iam.send(new AttachRolePolicyCommand({ RoleName: want.name, PolicyArn }))),
    ),
    // A profile holds one role: adding the second time answers LimitExceeded.
    ignoring(
      ["LimitExceeded", "LimitExceededException", ...EXISTS],
      iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: want.name, RoleName: want.name })),
    ),
  ]);
};
