import { kubernetesTag, type Owner, TAG } from "../../../functions/domain/cluster/naming.ts";
import { masterPolicy, nodePolicy } from "../../../functions/domain/permissions/instance-policies.ts";
import { Networking } from "../../../functions/domain/spec/value-schemas.ts";
import { matchesPattern } from "../../../local/iam/conditions.ts";
import { evaluate } from "../../../local/iam/evaluate.ts";
import { AWS_MANAGED_POLICIES } from "../../../local/iam/managed-policies.ts";
import { type PolicyDocument, parsePolicy, type Statement } from "../../../local/iam/policy.ts";
import { allActions, namedTypes } from "./actions.ts";
import { EXCEPTIONS, exceptionFor } from "./exceptions.ts";
import {
  API_ID,
  HERE,
  instanceArn,
  KEY_ARN,
  MEMBERS,
  ofHoldfast,
  type Resource,
  resourcesOf,
  STRANGERS,
} from "./resources.ts";

type Keys = Readonly<Record<string, string | readonly string[]>>;

/** A role of cluster `one`, and what it may do. */
export interface Role {
  readonly name: string;
  /** The member whose master has it; undefined for nodes. */
  readonly member: string | undefined;
  readonly statements: readonly Statement[];
}

/** Something that a role is allowed. */
export interface Permitted {
  readonly role: Role;
  readonly action: string;
  readonly resource: Resource;
  /** The tags that the request sets. */
  readonly setting: string;
  /** The one attribute of an instance that the request changes, where IAM has it. */
  readonly attribute: string | undefined;
}

export interface IsolationReport {
  readonly roles: readonly { readonly role: Role; readonly actions: number; readonly decisions: number }[];
  readonly findings: readonly Permitted[];
  /** By the reason of the exception. */
  readonly known: ReadonlyMap<string, readonly Permitted[]>;
}

export const ONE: Owner = { cluster: "one.example.com", uid: "uid-one", labels: {} };
const OTHER: Owner = { cluster: "other.example.com", uid: "uid-other", labels: {} };
/** A cluster that had the name before. */
const OF_SAME_NAME: Owner = { ...ONE, uid: "uid-before" };

const PLACE = {
  heartbeatTable: "heartbeats",
  apiId: API_ID,
  partition: "aws",
  region: "us-west-2",
  accountId: "111122223333",
  secretsKeyArn: KEY_ARN,
};

/** Roles as the product makes them, without their boundary: each policy must hold by itself. Networks with the same policies are one. */
export function instanceRoles(): Role[] {
  const roles = Networking.options.flatMap((network) => {
    const hosts = { network, securityGroups: ["sg-of-the-user"] };
    const masters = MEMBERS.map((member) => ({ member, policy: masterPolicy(ONE, PLACE, { ...hosts, member }) }));
    return [...masters, { member: undefined, policy: nodePolicy(ONE, PLACE, hosts) }].map(({ member, policy }) => ({
      name: `${network} ${member === undefined ? "node" : `master-${member}`}`,
      member,
      text: JSON.stringify(policy),
    }));
  });
  const distinct = new Map(roles.toReversed().map((role) => [`${role.member} ${role.text}`, role]));
  const managed = Object.values(AWS_MANAGED_POLICIES);
  return [...distinct.values()].toReversed().map(({ name, member, text }) => ({
    name,
    member,
    statements: [parsePolicy(text), ...managed].flatMap(statementsOf),
  }));
}

function statementsOf({ Statement: statements }: PolicyDocument): Statement[] {
  return [statements].flat();
}

function actionsOf({ Action }: Statement): string[] {
  return [Action ?? []].flat();
}

/** Requests differ by the tags that they set, which is up to whoever makes them. */
const SETTINGS: Readonly<Record<string, Keys>> = {
  "no tag": {},
  "its own tags": requestTags({ [kubernetesTag(ONE.cluster)]: "owned", "ebs.csi.aws.com/cluster": "true" }),
  ...Object.fromEntries(
    [...Object.values(TAG), TAG.uid.toUpperCase(), "holdfast:other"].map((key) => [
      `its own tags and ${key}`,
      requestTags({ [kubernetesTag(ONE.cluster)]: "owned", "ebs.csi.aws.com/cluster": "true", [key]: OTHER.uid }),
    ]),
  ),
};

function requestTags(tags: Readonly<Record<string, string>>): Keys {
  const entries = Object.entries(tags).map(([key, value]): [string, string] => [`aws:RequestTag/${key}`, value]);
  return { ...Object.fromEntries(entries), "aws:TagKeys": Object.keys(tags) };
}

const NEW = "what is made";
/** What does not exist yet: tags come in the call that makes it. */
const MADE: Resource[] = [
  ...["security-group", "volume", "network-interface", "instance", "snapshot", "subnet"].map(
    (type) => `ec2:${HERE}:${type}`,
  ),
  ...["loadbalancer/net/n", "loadbalancer", "targetgroup/n", "listener/net/n/1"].map(
    (type) => `elasticloadbalancing:${HERE}:${type}`,
  ),
].map((arn) => ({ owner: undefined, name: NEW, arn: `arn:aws:${arn}/*`, tags: {} }));

const EVERYTHING: Resource = { owner: undefined, name: "*", arn: "*", tags: {} };

export function isolationReport(roles: readonly Role[] = instanceRoles()): IsolationReport {
  const resources = [
    ...[ONE, OTHER].flatMap(resourcesOf),
    ...ofHoldfast(OF_SAME_NAME),
    ...STRANGERS,
    ...MADE,
    EVERYTHING,
  ];
  const examined = roles.map((role) => examine(role, resources));
  const permitted = examined.flatMap(({ permitted: found }) => found);
  const findings = permitted.filter((each) => exceptionFor(each) === undefined);
  const known = EXCEPTIONS.map(({ reason }): [string, Permitted[]] => [
    reason,
    permitted.filter((each) => exceptionFor(each)?.reason === reason),
  ]);
  return { roles: examined, findings, known: new Map(known) };
}

/** Where a request differs by more than its tags: what a tag comes with, and what it changes. */
function variants(action: string, isNew: boolean, creating: readonly string[]): Keys[] {
  if (isNew) return isTagging(action) ? creating.map(createdBy) : [];
  return action === ONE_ATTRIBUTE ? [{}, { "ec2:Attribute/SourceDestCheck": "false" }] : [{}];
}

interface Answer {
  readonly resource: Resource;
  readonly setting: string;
  readonly attribute: string | undefined;
}

function examine(role: Role, resources: readonly Resource[]) {
  const allowing = role.statements.filter(({ Effect }) => Effect === "Allow");
  const actions = allActions(allowing.flatMap(actionsOf));
  const creating = allowing.flatMap(actionsOf).filter((each) => /:Create(?!Tags)/.test(each));
  // Actions that the same statements name, and that are asked alike, are answered alike.
  const known = new Map<string, { readonly decisions: number; readonly allowed: readonly Answer[] }>();
  const permitted: Permitted[] = [];
  let decisions = 0;
  for (const action of actions) {
    const naming = role.statements.filter((statement) => actionsOf(statement).some((each) => matches(action, each)));
    const isAllowedSomewhere = naming.some(({ Effect }) => Effect === "Allow");
    const asked = [takesTags(action), isTagging(action), action === ONE_ATTRIBUTE, namedTypes(action)].join();
    const key = isAllowedSomewhere ? `${naming.map((each) => role.statements.indexOf(each)).join()} ${asked}` : "none";
    const answer = known.get(key) ?? answerTo({ role, action, naming, resources, creating, isAllowedSomewhere });
    known.set(key, answer);
    decisions += answer.decisions;
    permitted.push(...answer.allowed.map((each) => ({ role, action, ...each })));
  }
  return { role, actions: actions.length, decisions, permitted };
}

interface Question {
  readonly role: Role;
  readonly action: string;
  readonly naming: readonly Statement[];
  readonly resources: readonly Resource[];
  readonly creating: readonly string[];
  readonly isAllowedSomewhere: boolean;
}

function answerTo({ role, action, naming, resources, creating, isAllowedSomewhere }: Question) {
  // What no statement allows is denied on everything.
  if (!isAllowedSomewhere) return { decisions: resources.length, allowed: [] };
  const self = instanceArn(ONE, role.member === undefined ? "node" : `master-${role.member}`);
  const settings = Object.entries(takesTags(action) ? SETTINGS : { "no tag": {} });
  const types = namedTypes(action);
  const named = resources.filter(({ arn }) => arn === "*" || (types?.includes(typeOf(arn)) ?? true));
  const asked = named.flatMap((resource) =>
    settings.flatMap(([setting, tags]) =>
      variants(action, resource.name === NEW, creating).map((variant) => {
        const keys = { ...tagsOf(resource), ...resource.keys, ...tags, ...variant };
        const context = { "ec2:SourceInstanceARN": self, ...keys };
        const { decision } = evaluate([{ Statement: [...naming] }], { action, resource: resource.arn, context });
        const attribute = "ec2:Attribute/SourceDestCheck" in variant ? "SourceDestCheck" : undefined;
        return { decision, resource, setting, attribute };
      }),
    ),
  );
  return { decisions: asked.length, allowed: asked.filter(({ decision }) => decision === "allow") };
}

/** `volume` of `arn:aws:ec2:us-west-2:111122223333:volume/vol-1`. */
function typeOf(arn: string): string {
  return arn.split(":")[5]?.split("/")[0] ?? "";
}

const ONE_ATTRIBUTE = "ec2:ModifyInstanceAttribute";
function takesTags(action: string): boolean {
  return /:(Add|Create|Put|Register|Run|Tag)/.test(action);
}

function isTagging(action: string): boolean {
  return /:(CreateTags|AddTags)$/.test(action);
}

function createdBy(call: string): Keys {
  const [service = "", name = ""] = call.split(":");
  return { [`${service}:CreateAction`]: name };
}

function matches(action: string, pattern: string): boolean {
  return /[*?]/.test(pattern) ? matchesPattern(action.toLowerCase(), pattern.toLowerCase()) : action === pattern;
}

function tagsOf({ tags }: Resource): Keys {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]));
}
