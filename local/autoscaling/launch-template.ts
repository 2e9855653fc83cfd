import type { LaunchTemplateSpecification } from "@aws-sdk/client-auto-scaling";
import type { InstanceNetworkInterfaceSpecification, ResponseLaunchTemplateData } from "@aws-sdk/client-ec2";
import { AwsError } from "../wire/contract.ts";
import type { Engine } from "./engine.ts";
import type { LaunchTemplateReference } from "./model.ts";

/**
 * The launch template that a request names, checked with EC2 as CreateAutoScalingGroup does.
 * @throws AwsError `ValidationError` if it does not exist.
 */
export async function resolveLaunchTemplate(
  engine: Engine,
  specification: LaunchTemplateSpecification,
): Promise<{ reference: LaunchTemplateReference; data: ResponseLaunchTemplateData }> {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version: version = "$Default" } = specification;
  if ((id === undefined) === (name === undefined)) {
    throw invalidTemplate("Valid requests must contain either LaunchTemplateId or LaunchTemplateName.");
  }
  const found = await describe(engine, { ...(id ? { id } : {}), ...(name ? { name } : {}), version });
  if (!found?.LaunchTemplateId) {
    throw invalidTemplate(
      `The specified launch template, with template ${id ? "ID" : "name"} ${id ?? name}, does not exist.`,
    );
  }
  const data = found.LaunchTemplateData ?? {};
  if (data.IamInstanceProfile || data.BlockDeviceMappings)
    await requireLaunchable(engine, { LaunchTemplateId: found.LaunchTemplateId, Version: version });
  return { reference: { id: found.LaunchTemplateId, name: found.LaunchTemplateName ?? "", version }, data };
}

/**
 * Auto Scaling has EC2 try the template (hashicorp/terraform-provider-aws#4769, #24910): what it takes offence at here is a
 * profile that EC2 does not know, or not yet, and a volume smaller than its snapshot (zalando-incubator/kubernetes-on-aws
 * #3817). Other refusals are left to the launches.
 */
async function requireLaunchable(engine: Engine, LaunchTemplate: LaunchTemplateSpecification): Promise<void> {
  try {
    await engine.ec2("RunInstances", { MinCount: 1, MaxCount: 1, DryRun: true, LaunchTemplate });
  } catch (error) {
    if (error instanceof AwsError && TRIED.test(error.message)) throw invalidTemplate(error.message);
  }
}

const TRIED = /iamInstanceProfile|is smaller than snapshot/;

async function describe(engine: Engine, template: { id?: string; name?: string; version: string }) {
  try {
    const answer = await engine.ec2("DescribeLaunchTemplateVersions", {
      ...(template.id ? { LaunchTemplateId: template.id } : { LaunchTemplateName: template.name }),
      Versions: [template.version],
    });
    return answer.LaunchTemplateVersions?.[0];
  } catch (error) {
    if (error instanceof AwsError && error.code.startsWith("InvalidLaunchTemplate")) return undefined;
    throw error;
  }
}

/** The interfaces of a template, in the shape that RunInstances takes; empty if it has none. */
export async function launchTemplateInterfaces(
  engine: Engine,
  template: LaunchTemplateReference,
): Promise<InstanceNetworkInterfaceSpecification[]> {
  const found = await describe(engine, { id: template.id, version: template.version });
  return (found?.LaunchTemplateData?.NetworkInterfaces ?? []).map((each) => ({
    AssociatePublicIpAddress: each.AssociatePublicIpAddress,
    DeleteOnTermination: each.DeleteOnTermination,
    Description: each.Description,
    DeviceIndex: each.DeviceIndex,
    Groups: each.Groups,
    NetworkInterfaceId: each.NetworkInterfaceId,
  }));
}

function invalidTemplate(reason: string): AwsError {
  return new AwsError("ValidationError", `You must use a valid fully-formed launch template. ${reason}`);
}
