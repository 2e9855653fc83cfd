import { Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { Rights } from "./rights.ts";

type Action = "ssm:GetParameter" | "ssm:PutParameter" | "ssm:AddTagsToResource";

/** Rights of functions that handle secrets of clusters, which are encrypted with the stack's own key. */
export class SecretRights extends Rights {
  readonly #region: string;
  readonly #keyArn: string;

  constructor(scope: Construct, keyArn: string) {
    super(scope);
    this.#region = Stack.of(scope).region;
    this.#keyArn = keyArn;
  }

  /** To tell a cluster's own parameters from what others wrote to such a path. */
  adoptParameters(...paths: string[]): PolicyStatement[] {
    return [this.describe("ssm:DescribeParameters"), this.parameters(["ssm:ListTagsForResource"], ...paths)];
  }

  /** To read or write secrets below `/holdfast/`, by paths as for `parameters`: SSM uses the key in its caller's name. */
  secrets(actions: Action[], ...paths: string[]): PolicyStatement[] {
    const uses = [
      ...(actions.includes("ssm:GetParameter") ? ["kms:Decrypt"] : []),
      ...(actions.includes("ssm:PutParameter") ? ["kms:Encrypt"] : []),
    ];
    const useKey = new PolicyStatement({
      actions: uses,
      resources: [this.#keyArn],
      conditions: {
        StringEquals: { "kms:ViaService": `ssm.${this.#region}.amazonaws.com` },
        StringLike: {
          "kms:EncryptionContext:PARAMETER_ARN": paths.map((path) => this.arn("ssm", `parameter/holdfast/${path}`)),
        },
      },
    });
    return [this.parameters(actions, ...paths), useKey];
  }
}
