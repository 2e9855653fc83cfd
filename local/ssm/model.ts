import type { CommandInvocationStatus, ParameterTier, ParameterType } from "@aws-sdk/client-ssm";

/** Everything that Systems Manager remembers, as plain JSON: times are epoch milliseconds. */
export interface SsmState {
  readonly parameters: Record<string, StoredParameter>;
  /** Former versions by name, the oldest first; values of secrets are not kept. */
  history?: Record<string, StoredParameter[]>;
  /** Values of SecureString parameters, apart from all that is listed, described or logged. */
  readonly secrets: Record<string, string>;
  readonly documents: Record<string, StoredDocument>;
  /** Newest first. */
  commands: StoredCommand[];
  readonly agents: Record<string, Agent>;
}

export interface StoredParameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Empty for a SecureString. */
  readonly value: string;
  readonly version: number;
  readonly tier: ParameterTier;
  readonly modifiedAt: number;
  readonly modifiedBy: string;
  readonly description?: string;
  readonly keyId?: string;
  readonly allowedPattern?: string;
  readonly dataType: string;
  tags: Record<string, string>;
}

export interface StoredDocument {
  readonly name: string;
  readonly content: string;
  readonly version: number;
  readonly createdAt: number;
  readonly owner: string;
  tags: Record<string, string>;
}

export interface StoredCommand {
  readonly id: string;
  readonly documentName: string;
  readonly parameters: Record<string, string[]>;
  readonly comment: string;
  readonly requestedAt: number;
  readonly timeoutSeconds: number;
  readonly instanceIds: string[];
  readonly targets: { key: string; values: string[] }[];
  readonly invocations: Invocation[];
}

/** A command on one instance. */
export interface Invocation {
  readonly instanceId: string;
  status: CommandInvocationStatus;
  /** The finer status, e.g. `Execution Timed Out` (docs/references/aws.md#ssm). */
  details: string;
  readonly steps: StepResult[];
}

export interface StepResult {
  readonly name: string;
  status: CommandInvocationStatus;
  details: string;
  /** −1 until the step has ended by itself. */
  exitCode: number;
  stdout: string;
  stderr: string;
  startedAt?: number;
  endedAt?: number;
}

/** An instance whose agent has registered. */
export interface Agent {
  readonly instanceId: string;
  readonly registeredAt: number;
  online: boolean;
  lastPingAt: number;
}
