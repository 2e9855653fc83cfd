import * as z from "zod";

const Text = z.unknown().transform(textOf);
const Texts = z.union([z.array(Text), Text.transform((text) => [text])]);

const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.enum(["Allow", "Deny"]),
        Action: Texts,
        Resource: Texts,
        Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
      }),
    ),
  }),
});
const Role = z.object({ Policies: z.array(Policy).default([]) });

/** A statement of a role's policy in the synthesized template, with references written as `${Name}`. */
export interface GrantedStatement {
  /** Logical id of the policy, or of the role in which it stands. */
  readonly policy: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Keys of its conditions. */
  readonly conditions: readonly string[];
}

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties: unknown }>>;

/** All statements of all roles' policies among a template's resources; the boundary, which only limits, is none. */
export function rolesStatements(resources: Resources): GrantedStatement[] {
  const inline = Object.entries(resources).flatMap(([role, { Type, Properties }]) =>
    Type === "AWS::IAM::Role" ? Role.parse(Properties).Policies.flatMap((policy) => statementsOf(role, policy)) : [],
  );
  return [...inline, ...statementsIn(resources, "AWS::IAM::Policy")];
}

/** Statements of the boundary. */
export function boundaryStatements(resources: Resources): GrantedStatement[] {
  return statementsIn(resources, "AWS::IAM::ManagedPolicy");
}

function statementsIn(resources: Resources, type: string): GrantedStatement[] {
  return Object.entries(resources).flatMap(([policy, { Type, Properties }]) =>
    Type === type ? statementsOf(policy, Properties) : [],
  );
}

function statementsOf(policy: string, properties: unknown): GrantedStatement[] {
  return Policy.parse(properties).PolicyDocument.Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    policy,
    effect: Effect,
    actions: Action,
    resources: Resource,
    conditions: Object.values(Condition).flatMap((operator) => Object.keys(operator)),
  }));
}

/** `{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":ec2…"]]}` as one text. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join } = Object(value);
  if (Array.isArray(join)) return [join[1]].flat().map(textOf).join(String(join[0]));
  return `\${${Ref ?? [attribute ?? JSON.stringify(value)].flat().join(".")}}`;
}
