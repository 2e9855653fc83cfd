import type { AuthorizationRecord } from "../../../local/iam/authorization/authorization-record.ts";
import { evaluateAgain } from "../../../local/iam/authorization/authorization-record.ts";
import { matchesPattern } from "../../../local/iam/conditions.ts";
import type { PolicyDocument, Statement } from "../../../local/iam/policy.ts";

/** One thing that a role is granted: an action of one statement, and where the statement stands. */
export interface Permission {
  /** `createnetwork`, `RepairMasterMachine`, `masters`: see {@link shortRole}. */
  readonly role: string;
  /** Of the role's policies, in their order. */
  readonly policy: number;
  readonly statement: number;
  readonly action: string;
  /** The statement's resources and conditions as JSON, for people. */
  readonly on: string;
}

export interface Noted {
  readonly authorization: AuthorizationRecord;
  readonly flow: string;
}

/** What the record says of one permission. */
export interface Finding {
  readonly permission: Permission;
  /**
   * `needed`: without it, a request that was allowed would be denied. `redundant`: it was used, but something else
   * grants that too.
   */
  readonly result: "needed" | "redundant" | "unused";
  /** For what is needed: the first flow that would fail, and the resource of its request. */
  readonly witness?: { readonly flow: string; readonly resource: string };
}

/** A role's name without what differs from stack to stack and from cluster to cluster. */
export function shortRole(name: string): string {
  const ofInstances = /^holdfast-.+-(masters|nodes|drill)(?:-[a-z])?-[0-9a-f]+$/.exec(name)?.[1];
  return ofInstances ?? /^Holdfast-(\w+?)Role/.exec(name)?.[1] ?? name;
}

function statementsOf({ Statement: statements }: PolicyDocument): Statement[] {
  return [statements].flat();
}

function actionsOf({ Action }: Statement): string[] {
  return [Action ?? []].flat();
}

/** Every action of every allowing statement of a role's policies. */
export function permissionsOf(role: string, policies: readonly PolicyDocument[]): Permission[] {
  return policies.flatMap((document, policy) =>
    statementsOf(document).flatMap((each, statement) => {
      if (each.Effect !== "Allow") return [];
      const on = JSON.stringify([each.Resource ?? { NotResource: each.NotResource }, each.Condition ?? {}]);
      return actionsOf(each).map((action) => ({ role, policy, statement, action, on }));
    }),
  );
}

/** The policies without that one permission. */
export function without(policies: readonly PolicyDocument[], lost: Permission): PolicyDocument[] {
  return policies.map((document, policy) =>
    policy === lost.policy ? { ...document, Statement: statementsOf(document).map(strip(lost)) } : document,
  );
}

function strip(lost: Permission) {
  return (each: Statement, index: number): Statement =>
    index === lost.statement ? { ...each, Action: actionsOf(each).filter((action) => action !== lost.action) } : each;
}

/** Evaluates a permission by every recorded request that it could have allowed, with IAM's own evaluator. */
export function examine(permission: Permission, noted: readonly Noted[]): Finding {
  const { role, action } = permission;
  const concerned = noted.filter(
    ({ authorization }) =>
      authorization.decision === "allow" &&
      shortRole(authorization.role) === role &&
      matchesPattern(authorization.request.action.toLowerCase(), action.toLowerCase()),
  );
  const witness = concerned.find(
    ({ authorization }) =>
      evaluateAgain(authorization, without(authorization.policies, permission)).decision !== "allow",
  );
  if (witness) {
    const { flow, authorization } = witness;
    return { permission, result: "needed", witness: { flow, resource: authorization.request.resource } };
  }
  const used = concerned.some(
    ({ authorization }) => evaluateAgain(authorization, only(authorization.policies, permission)).decision === "allow",
  );
  return { permission, result: used ? "redundant" : "unused" };
}

/** That one permission and nothing else. */
function only(policies: readonly PolicyDocument[], kept: Permission): PolicyDocument[] {
  const statement = statementsOf(policies[kept.policy] ?? { Statement: [] })[kept.statement];
  return statement ? [{ Statement: [{ ...statement, Action: [kept.action] }] }] : [];
}

/** A permission on one line. */
export function lineOf({ role, action, on }: Permission): string {
  return `${role} ${action} on ${on}`;
}
