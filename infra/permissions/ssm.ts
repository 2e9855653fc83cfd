import { Aws } from "aws-cdk-lib";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { documentName, type HostDocument } from "../constructs/host-documents.ts";
import { arn } from "./arn.ts";
import { TAGGED_AS_OURS } from "./conditions.ts";
import { describe } from "./ec2.ts";

type SecretAction = "ssm:GetParameter" | "ssm:PutParameter" | "ssm:AddTagsToResource";

function below(paths: readonly string[]): string[] {
  return paths.map((path) => arn("ssm", `parameter/holdfast/${path}`));
}

/** Parameters below `/holdfast/`, by a path with wildcards for the cluster: `*`/masters/`*`. */
export function parameters(actions: string[], ...paths: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: below(paths) });
}

/** Whose a parameter is; nothing of its value. */
export function readParameterTags(...paths: string[]): PolicyStatement {
  return parameters(["ssm:ListTagsForResource"], ...paths);
}

/** To distinguish a cluster's own parameters from those that others wrote to the same path. */
export function adoptParameters(...paths: string[]): PolicyStatement[] {
  return [describe("ssm:DescribeParameters"), readParameterTags(...paths)];
}

/**
 * To read or write secrets of clusters, by paths as for `parameters`: they are encrypted with the stack's own key, which SSM
 * uses in its caller's name.
 */
export function secrets(keyArn: string, actions: SecretAction[], ...paths: string[]): PolicyStatement[] {
  const uses = [
    ...(actions.includes("ssm:GetParameter") ? ["kms:Decrypt"] : []),
    ...(actions.includes("ssm:PutParameter") ? ["kms:Encrypt"] : []),
  ];
  const useKey = new PolicyStatement({
    actions: uses,
    resources: [keyArn],
    conditions: {
      StringEquals: { "kms:ViaService": `ssm.${Aws.REGION}.amazonaws.com` },
      StringLike: { "kms:EncryptionContext:PARAMETER_ARN": below(paths) },
    },
  });
  return [parameters(actions, ...paths), useKey];
}

/** Parameters that name images: Amazon's public ones and the account's own, but never a cluster's secrets. */
export function imageParameters(): PolicyStatement[] {
  const actions = ["ssm:GetParameter"];
  return [
    new PolicyStatement({
      actions,
      resources: [arn("ssm", "parameter/aws/service/*", { account: "" }), arn("ssm", "parameter/*")],
    }),
    new PolicyStatement({
      effect: Effect.DENY,
      actions,
      resources: [arn("ssm", "parameter/holdfast/*"), arn("ssm", "parameter/holdfast-settings/*")],
    }),
  ];
}

/** To read settings of ours, secrets among them: `chat/slack`. */
export function settings(...names: string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ["ssm:GetParameter"],
    resources: names.map((name) => arn("ssm", `parameter/holdfast-settings/${name}`)),
  });
}

/**
 * To run one document on hosts that are ours, and to read what they answered: that of one host, or with `several` those of
 * all that were asked at once.
 */
export function runDocument(document: HostDocument, hosts: "one" | "several" = "one"): PolicyStatement[] {
  // Command ids are no resources in IAM.
  const read = (action: string) => new PolicyStatement({ actions: [action], resources: ["*"] });
  return [
    new PolicyStatement({
      actions: ["ssm:SendCommand"],
      resources: [arn("ssm", `document/${documentName(document)}`)],
    }),
    new PolicyStatement({
      actions: ["ssm:SendCommand"],
      resources: [arn("ec2", "instance/*")],
      conditions: TAGGED_AS_OURS,
    }),
    // A cluster may have one master: then one host is asked.
    read("ssm:GetCommandInvocation"),
    ...(hosts === "several" ? [read("ssm:ListCommandInvocations")] : []),
  ];
}
