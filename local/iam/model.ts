/** Everything that IAM remembers, as plain JSON: times are epoch milliseconds, policy documents are JSON text. */
export interface IamState {
  /** By name: names are unique in an account, whatever their path. */
  readonly roles: Record<string, Role>;
  readonly profiles: Record<string, InstanceProfile>;
  /** Customer managed policies, by ARN. */
  readonly policies: Record<string, ManagedPolicy>;
}

export interface Role {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  description: string;
  maxSessionSeconds: number;
  trustPolicy: string;
  boundaryArn?: string;
  inlinePolicies: Record<string, string>;
  attachedPolicyArns: string[];
  tags: Record<string, string>;
}

export interface InstanceProfile {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  /** At most one. */
  roleName?: string;
  /** Since when it has that role; absent for what CloudFormation made long ago. */
  roleSince?: number;
  tags: Record<string, string>;
}

export interface ManagedPolicy {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly createdAt: number;
  readonly description: string;
  document: string;
  version: number;
  tags: Record<string, string>;
}
