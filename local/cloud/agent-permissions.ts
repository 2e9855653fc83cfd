import type { CloudContext } from "../context/context.ts";
import type { Store } from "../ec2/engine/store.ts";
import type { Authorizer } from "../iam/authorization/authorizer.ts";
import type { Iam } from "../iam/iam.ts";

/** What a management agent asks for when it registers and opens its line to Systems Manager. */
const ACTIONS = ["ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:OpenControlChannel"];

interface Parts {
  readonly context: CloudContext;
  readonly iam: Pick<Iam, "instanceRole">;
  readonly ec2: { readonly store: Pick<Store, "instances"> };
  readonly authorizer: Authorizer;
}

/**
 * An agent has no keys but those of its instance's profile: without one, or without the permissions, nobody can manage
 * it.
 */
export function mayRegister({ context, iam, ec2, authorizer }: Parts, instanceId: string): boolean {
  const role = iam.instanceRole(ec2.store.instances.find(instanceId)?.profileArn ?? "");
  if (!role) {
    context.log(`ssm: ${instanceId} has no instance profile, so its agent cannot register`);
    return false;
  }
  const { roleArn } = role;
  const arn = `arn:aws:sts::${context.accountId}:assumed-role/${roleArn.split("/").at(-1)}/${instanceId}`;
  const resource = `arn:aws:ec2:${context.region}:${context.accountId}:instance/${instanceId}`;
  return ACTIONS.every((action) => authorizer.isAllowed({ roleArn, arn, action, resource }));
}
