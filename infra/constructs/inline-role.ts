import {
  type AddToPrincipalPolicyResult,
  type IPrincipal,
  PolicyDocument,
  type PolicyStatement,
  Role,
} from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

export interface InlineRoleProps {
  readonly assumedBy: IPrincipal;
  readonly statements?: readonly PolicyStatement[];
}

/**
 * A role in which all statements stand, those too that grants add later. CDK's own role puts the latter into a policy
 * beside it, which is one more of the 500 resources that a stack may have.
 */
export class InlineRole extends Role {
  readonly #document: PolicyDocument;

  constructor(scope: Construct, id: string, { assumedBy, statements = [] }: InlineRoleProps) {
    const document = new PolicyDocument({ statements: [...statements] });
    super(scope, id, { assumedBy, inlinePolicies: { Own: document } });
    this.#document = document;
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.#document.addStatements(statement);
    return { statementAdded: true, policyDependable: this };
  }
}
