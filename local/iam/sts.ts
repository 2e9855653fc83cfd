import type * as sts from "@aws-sdk/client-sts";
import type { CloudContext } from "../context/context.ts";
import { required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { type Caller, letsIn } from "./caller.ts";
import type { IamState, Role } from "./model.ts";
import { parsePolicy } from "./policy.ts";

/**
 * STS: who am I, and sessions of roles. A session's keys do not expire in the local cloud, though it says when they
 * would.
 */
export function stsHandlers(
  context: CloudContext,
  state: IamState,
  elsewhere: AssumeRole | undefined,
): Handlers<typeof sts> {
  return {
    GetCallerIdentity: (_, { principal }) => ({
      Account: context.accountId,
      Arn: principal.arn,
      UserId: userId(state, principal),
    }),
    // The session is the operator's own: who has temporary keys already may not ask for more.
    GetSessionToken: (input, { principal }) => {
      if (principal.roleArn !== undefined)
        throw new AwsError("AccessDenied", "Cannot call GetSessionToken with session credentials", { status: 403 });
      const { accessKeyId, secretAccessKey, sessionToken } = context.credentials.addSession(principal);
      return {
        Credentials: {
          ...{ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken },
          Expiration: new Date(context.clock.now() + (input.DurationSeconds ?? 43_200) * 1_000),
        },
      };
    },
    AssumeRole: (input, { principal }) => {
      const { accountId, organizationId } = context;
      const caller = { ...principal, accountId, organizationId };
      const answer = assumeRole(context, state, input, caller) ?? elsewhere?.(input, caller);
      if (answer) return answer;
      throw new AwsError(
        "AccessDenied",
        `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${input.RoleArn}`,
        { status: 403 },
      );
    },
  };
}

/** How a role of another account answers; undefined where there is none, or it does not trust the caller. */
export type AssumeRole = (input: sts.AssumeRoleRequest, caller: Caller) => sts.AssumeRoleResponse | undefined;

/** Keys of a role of this account. Undefined where there is none of the ARN, or it does not trust the caller. */
export function assumeRole(
  context: CloudContext,
  state: IamState,
  input: sts.AssumeRoleRequest,
  caller: Caller,
): sts.AssumeRoleResponse | undefined {
  const arn = required(input.RoleArn, "RoleArn");
  const session = required(input.RoleSessionName, "RoleSessionName");
  const role = Object.values(state.roles).find((each) => each.arn === arn);
  if (!role || !trusts(role, caller, input.ExternalId)) return undefined;
  const { DurationSeconds: seconds = MAX_CHAINED_SECONDS } = input;
  if (seconds > MAX_CHAINED_SECONDS && caller.roleArn !== undefined) {
    throw invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining");
  }
  if (seconds > role.maxSessionSeconds) {
    throw invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
  if (input.Policy !== undefined) parsePolicy(input.Policy);
  const keys = context.credentials.assumeRole(arn, session, input.Policy);
  return {
    Credentials: {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      SessionToken: keys.sessionToken,
      Expiration: new Date(context.clock.now() + seconds * 1_000),
    },
    AssumedRoleUser: { Arn: keys.principal.arn, AssumedRoleId: `${role.id}:${session}` },
  };
}

/** Who is a role's session already gets another for an hour at most (AssumeRole, DurationSeconds). */
const MAX_CHAINED_SECONDS = 3_600;

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function userId(state: IamState, principal: { arn: string; roleArn?: string }): string {
  const role = Object.values(state.roles).find(({ arn }) => arn === principal.roleArn);
  const name = principal.arn.split("/").at(-1) ?? "";
  return role ? `${role.id}:${name}` : "AIDAHOLDFASTOPERATOR0";
}

/** Whether a role's trust policy lets a caller in. Services assume roles by themselves, not through here. */
function trusts(role: Role, caller: Caller, externalId: string | undefined): boolean {
  const context = externalId === undefined ? {} : { "sts:ExternalId": externalId };
  return letsIn(parsePolicy(role.trustPolicy), caller, { action: "sts:AssumeRole", resource: role.arn, context });
}
