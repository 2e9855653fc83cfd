import { KEPT_PERMISSIONS, type KeptPermission } from "../../../infra/kept-permissions.ts";
import { matchesPattern } from "../../../local/iam/conditions.ts";
import type { Observation } from "./observe.ts";
import { examine, type Finding, lineOf, type Permission, permissionsOf } from "./permissions.ts";

/** What is known of all permissions once all flows have run. */
export interface PermissionsReport {
  readonly findings: readonly Finding[];
  /** Neither needed by a flow nor kept for a reason. */
  readonly unexplained: readonly Finding[];
  /** Reasons for what nobody has, or what a flow needs. */
  readonly idle: readonly KeptPermission[];
  /** Denials that no flow is about: `ROLE ACTION on RESOURCE (flow)`. */
  readonly denials: readonly string[];
  readonly failures: readonly string[];
}

export function report({ policies, noted, failures }: Observation): PermissionsReport {
  const findings = [...policies]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([role, documents]) => permissionsOf(role, documents))
    .map((permission) => examine(permission, noted));
  const idleOnes = findings.filter(({ result }) => result !== "needed");
  return {
    findings,
    unexplained: idleOnes.filter(({ permission }) => reasonOf(permission) === undefined),
    idle: KEPT_PERMISSIONS.filter((kept) => !idleOnes.some(({ permission }) => reasonOf(permission) === kept)),
    denials: noted
      .filter(({ authorization }) => authorization.decision !== "allow")
      .map(({ authorization: { role, request, decision }, flow }) => {
        return `${role} ${request.action} on ${request.resource}: ${decision} (${flow})`;
      }),
    failures,
  };
}

/** Why a permission that no flow needs is kept; undefined if nobody knows. */
export function reasonOf({ role, action }: Permission): KeptPermission | undefined {
  return KEPT_PERMISSIONS.find(
    ({ roles, actions }) =>
      roles.some((pattern) => matchesPattern(role, pattern)) &&
      actions.some((pattern) => matchesPattern(action, pattern)),
  );
}

/** The report for people: a paragraph a role, with what is not needed, and why it is there. */
export function linesOf({ findings, denials, failures, unexplained }: PermissionsReport): string[] {
  const roles = [...new Set(findings.map(({ permission }) => permission.role))];
  const ofRole = (role: string): string[] => {
    const own = findings.filter(({ permission }) => permission.role === role);
    const needed = own.filter(({ result }) => result === "needed");
    const rest = own.filter(({ result }) => result !== "needed");
    return [
      `${role}: ${needed.length} of ${own.length} permissions needed by flows`,
      ...rest.map(({ permission, result }) => `  ${result} ${lineOf(permission)}: ${why(permission)}`),
    ];
  };
  return [
    ...roles.flatMap(ofRole),
    "",
    `${findings.filter(({ result }) => result === "needed").length} of ${findings.length} permissions are needed by a flow; ` +
      `${unexplained.length} of the others have no reason`,
    ...denials.map((line) => `denied: ${line}`),
    ...failures.map((line) => `flow failed: ${line}`),
  ];
}

function why(permission: Permission): string {
  return reasonOf(permission)?.reason ?? "NO REASON";
}
