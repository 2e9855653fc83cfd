import type * as sts from "@aws-sdk/client-sts";
import type { CloudContext } from "../context/context.ts";
import { required } from "../context/input.ts";
import { AwsError, type Handlers } from "../wire/contract.ts";
import { evaluate } from "./evaluate.ts";
import type { IamState, Role } from "./model.ts";
import { parsePolicy } from "./policy.ts";

/**
 * STS: who am I, and sessions of roles. A session's keys do not expire in the local cloud, though it says when they
 * would.
 */
export function stsHandlers(context: CloudContext, state: IamState): Handlers<typeof sts> {
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
      const arn = required(input.RoleArn, "RoleArn");
      const session = required(input.RoleSessionName, "RoleSessionName");
      const role = Object.values(state.roles).find((each) => each.arn === arn);
      if (!role || !trusts(role, principal.roleArn ?? principal.arn, context.accountId)) {
        throw new AwsError(
          "AccessDenied",
          `User: ${principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
          { status: 403 },
        );
      }
      if (input.Policy !== undefined) parsePolicy(input.Policy);
      const keys = context.credentials.assumeRole(arn, session, input.Policy);
      return {
        Credentials: {
          AccessKeyId: keys.accessKeyId,
          SecretAccessKey: keys.secretAccessKey,
          SessionToken: keys.sessionToken,
          Expiration: new Date(context.clock.now() + (input.DurationSeconds ?? 3_600) * 1_000),
        },
        AssumedRoleUser: { Arn: keys.principal.arn, AssumedRoleId: `${role.id}:${session}` },
      };
    },
  };
}

function userId(state: IamState, principal: { arn: string; roleArn?: string }): string {
  const role = Object.values(state.roles).find(({ arn }) => arn === principal.roleArn);
  const name = principal.arn.split("/").at(-1) ?? "";
  return role ? `${role.id}:${name}` : "AIDAHOLDFASTOPERATOR0";
}

/**
 * Whether a trust policy lets a principal of this account in. Services assume roles by themselves, not through here.
 */
function trusts(role: Role, callerArn: string, accountId: string): boolean {
  const trusted = [callerArn, accountId, `arn:aws:iam::${accountId}:root`, "*"];
  const statements = [parsePolicy(role.trustPolicy).Statement].flat();
  const applicable = statements.filter(({ Principal }) =>
    principalsOf(Principal).some((each) => trusted.includes(each)),
  );
  const policy = { Statement: applicable.map((statement) => ({ ...statement, Resource: "*" })) };
  return evaluate([policy], { action: "sts:AssumeRole", resource: role.arn, context: {} }).decision === "allow";
}

function principalsOf(principal: unknown): string[] {
  if (typeof principal === "string") return [principal];
  if (typeof principal !== "object" || principal === null || !("AWS" in principal)) return [];
  return [principal.AWS].flat().map(String);
}
