import type { Principal } from "../../context/credentials.ts";
import type { AwsError, CallContext } from "../../wire/contract.ts";
import type { PolicyRequest } from "../evaluate.ts";
import type { Iam } from "../iam.ts";
import type { PolicyDocument } from "../policy.ts";
import { evaluateResourcePolicy } from "../resource-policy.ts";
import type { AuthorizationRecord } from "./authorization-record.ts";
import { type Decision, decide } from "./decide.ts";
import { type ConditionKeys, type Demand, demand, type Mapping } from "./demand.ts";
import { refusal } from "./refusal.ts";
import { Usage, type Use } from "./usage.ts";

/** Something that a service does in a role's name without a call on the wire. */
export interface PermissionRequest {
  /** Undefined for the operator, who may do everything. */
  readonly roleArn: string | undefined;
  /** Of the session, where there is one: an instance's contains its id. */
  readonly arn?: string;
  /** `states:StartExecution` */
  readonly action: string;
  readonly resource: string;
}

/** Decides who may do what, logs denials, and records what was used. */
export interface Authorizer {
  /** @throws AwsError the service's own refusal, if the caller's role lacks a permission that the call needs. */
  authorize(call: CallContext, input: unknown): void;
  isAllowed(request: PermissionRequest): boolean;
  /** As {@link isAllowed}, where a service only words its answer by it: nothing is noted, and a no is no denial. */
  wouldAllow(principal: Principal, action: string, resource: string): boolean;
  /** @throws AwsError `AccessDeniedException` unless {@link isAllowed} */
  require(request: PermissionRequest): void;
  /** What roles asked for so far. */
  uses(): readonly Use[];
}

export interface AuthorizerOptions {
  readonly iam: Pick<Iam, "policiesOf" | "boundaryOf" | "role">;
  /** By signing name. */
  readonly mappings: ReadonlyMap<string, Mapping>;
  readonly region: string;
  readonly accountId: string;
  readonly organizationId?: string | undefined;
  readonly log: (line: string) => void;
  /** Policies of resources themselves, by the service's signing name; asked for an ARN. */
  readonly resourcePolicies?: ReadonlyMap<string, (arn: string) => PolicyDocument | undefined>;
  /** `off` decides and remembers nothing. */
  readonly mode: "enforced" | "off";
  /** Called with every decision, with all that it was made from. */
  readonly onAuthorization?: ((authorization: AuthorizationRecord) => void) | undefined;
}

type RolePrincipal = Principal & { readonly roleArn: string };

/** Nobody needs a permission to ask who he is (STS API reference, GetCallerIdentity). */
const FREE = new Set(["sts:GetCallerIdentity"]);

export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const { iam, mappings, log, mode } = options;
  const usage = new Usage();

  const authorize = (principal: RolePrincipal, wanted: Demand): Decision => {
    const { action, resource, keys } = wanted;
    const context = { ...principalKeys(options, principal), ...keys };
    const byIdentity = decide(iam, principal, { action, resource, context });
    const decision = withResourcePolicy(options, principal.roleArn, { action, resource, context }, byIdentity);
    usage.note({ role: nameOf(principal.roleArn), action, resource, decision: decision.decision });
    options.onAuthorization?.({
      role: nameOf(principal.roleArn),
      request: { action, resource, context },
      policies: iam.policiesOf(principal.roleArn),
      boundary: iam.boundaryOf(principal.roleArn),
      sessionPolicy: principal.sessionPolicy,
      ...decision,
    });
    if (decision.decision !== "allow") log(complaint(principal.roleArn, wanted, decision));
    return decision;
  };

  const allowed = ({ roleArn, arn = roleArn, action, resource }: PermissionRequest): boolean =>
    mode === "off" ||
    roleArn === undefined ||
    authorize({ arn: arn ?? roleArn, roleArn }, demand(action, resource)).decision === "allow";

  return {
    authorize({ service, operation, principal }, input) {
      const { arn, roleArn } = principal;
      const name = `${service}:${operation}`;
      if (mode === "off" || FREE.has(name)) return;
      if (roleArn === undefined) return refuseByResource(options, { service, operation, principal }, input);
      const demands = mappings.get(service)?.(operation, input);
      if (!demands) {
        log(`iam: DENIED ${name} to ${nameOf(roleArn)}: local/iam/authorization does not describe this operation`);
        throw refusal(service, arn, demand(name, "*"), { decision: "noStatement" });
      }
      // All of them are evaluated, so that one run shows everything that is missing.
      const refused = demands.flatMap((each): AwsError[] => {
        const decision = authorize({ ...principal, roleArn }, each);
        return decision.decision === "allow" ? [] : [refusal(service, arn, each, decision)];
      });
      if (refused[0]) throw refused[0];
    },
    isAllowed: allowed,
    wouldAllow({ roleArn, ...principal }, action, resource) {
      if (mode === "off" || roleArn === undefined) return true;
      const context = principalKeys(options, { ...principal, roleArn });
      const byIdentity = decide(iam, { ...principal, roleArn }, { action, resource, context });
      return withResourcePolicy(options, roleArn, { action, resource, context }, byIdentity).decision === "allow";
    },
    require(request) {
      if (allowed(request)) return;
      const { roleArn = "", action, resource } = request;
      throw refusal("states", roleArn, demand(action, resource), { decision: "noStatement" });
    },
    uses: () => usage.list(),
  };
}

/**
 * A deny of the resource's own policy wins over everything, and its allow is enough (IAM user guide, "Policy evaluation
 * logic").
 */
function withResourcePolicy(
  { resourcePolicies }: AuthorizerOptions,
  principalArn: string,
  request: PolicyRequest,
  byIdentity: Decision,
): Decision {
  const [service = ""] = request.action.split(":");
  const policy = resourcePolicies?.get(service)?.(request.resource);
  const said = policy === undefined ? "implicitDeny" : evaluateResourcePolicy(policy, principalArn, request).decision;
  if (said === "deny") return { decision: "resourceDeny" };
  return said === "allow" && byIdentity.decision === "noStatement" ? { decision: "allow" } : byIdentity;
}

/** Users have every permission of their own here, and are refused only where a resource's policy denies them. */
function refuseByResource(
  options: AuthorizerOptions,
  { service, operation, principal }: Pick<CallContext, "service" | "operation" | "principal">,
  input: unknown,
): void {
  if (!options.resourcePolicies?.has(service)) return;
  for (const wanted of options.mappings.get(service)?.(operation, input) ?? []) {
    const { action, resource, keys } = wanted;
    const context = {
      ...accountKeys(options),
      "aws:PrincipalArn": principal.arn,
      "aws:PrincipalType": "User",
      ...keys,
    };
    const decision = withResourcePolicy(options, principal.arn, { action, resource, context }, { decision: "allow" });
    if (decision.decision !== "allow") throw refusal(service, principal.arn, wanted, decision);
  }
}

/** The last part of the ARN: names are unique, whatever their path. */
function nameOf(roleArn: string): string {
  return roleArn.split("/").at(-1) ?? roleArn;
}

/**
 * Global condition keys (IAM user guide, "AWS global condition context keys"), and where an instance's keys come from.
 */
function principalKeys(options: AuthorizerOptions, { arn, roleArn }: RolePrincipal): ConditionKeys {
  const { iam, region, accountId } = options;
  const session = arn.split("/").at(-1) ?? "";
  const tags = Object.entries(iam.role(roleArn)?.tags ?? {});
  return {
    ...accountKeys(options),
    "aws:PrincipalArn": roleArn,
    "aws:PrincipalType": "AssumedRole",
    ...Object.fromEntries(tags.map(([key, value]): [string, string] => [`aws:PrincipalTag/${key}`, value])),
    ...(/^i-[0-9a-f]+$/.test(session) && {
      "ec2:SourceInstanceARN": `arn:aws:ec2:${region}:${accountId}:instance/${session}`,
    }),
  };
}

function accountKeys({ region, accountId, organizationId }: AuthorizerOptions): ConditionKeys {
  return {
    ...(organizationId !== undefined && { "aws:PrincipalOrgID": organizationId }),
    "aws:PrincipalAccount": accountId,
    "aws:RequestedRegion": region,
    "aws:SecureTransport": true,
    // A service that calls another in the principal's name says so itself (`ssm.ts`).
    "aws:ViaAWSService": false,
  };
}

const WHY: Readonly<Record<Decision["decision"], string>> = {
  allow: "",
  noStatement: "no statement allows it",
  explicitDeny: "a statement denies it",
  resourceDeny: "the resource's own policy denies it",
  outsideBoundary: "the permissions boundary does not allow it",
  outsideSession: "the session's policy does not allow it",
};

function complaint(roleArn: string, { action, resource, keys }: Demand, { decision }: Decision): string {
  const conditions = Object.entries(keys).map(([key, value]) => `${key}=${[value].flat().join("|")}`);
  const under = conditions.length === 0 ? "" : `, where ${conditions.join(", ")}`;
  return `iam: DENIED ${action} on ${resource} to ${nameOf(roleArn)}: ${WHY[decision]}${under}`;
}
