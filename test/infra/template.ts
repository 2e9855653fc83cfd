import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { STACK_NAME, synthesize } from "../../infra/app.ts";
import { buildFunctions } from "../../scripts/build.ts";

const Text = z.unknown().transform(textOf);
const Texts = z.union([z.array(Text), Text.transform((text) => [text])]);

const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.enum(["Allow", "Deny"]),
        Action: Texts,
        Resource: Texts,
        Condition: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
});

const Template = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.unknown() })),
});

/** A statement of a role's policy in the synthesized template, with references written as `${Name}`. */
export interface GrantedStatement {
  /** Logical id of the policy. */
  readonly policy: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly string[];
}

/** All statements of all roles' policies; the boundary, which only limits, is none. */
export async function synthesizedStatements(): Promise<GrantedStatement[]> {
  process.env["CDK_VALIDATION"] = "false";
  const directory = mkdtempSync(join(tmpdir(), "holdfast-synth-"));
  try {
    await buildFunctions();
    synthesize({ outdir: directory });
    const text = readFileSync(join(directory, `${STACK_NAME}.template.json`), "utf8");
    const { Resources } = Template.parse(JSON.parse(text));
    return Object.entries(Resources).flatMap(([policy, { Type, Properties }]) =>
      Type === "AWS::IAM::Policy" ? statementsOf(policy, Properties) : [],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function statementsOf(policy: string, properties: unknown): GrantedStatement[] {
  return Policy.parse(properties).PolicyDocument.Statement.map(({ Effect, Action, Resource, Condition = {} }) => ({
    policy,
    effect: Effect,
    actions: Action,
    resources: Resource,
    conditions: Object.keys(Condition),
  }));
}

/** `{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":ec2…"]]}` as one text. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join } = Object(value);
  if (Array.isArray(join)) return [join[1]].flat().map(textOf).join(String(join[0]));
  return `\${${Ref ?? [attribute ?? JSON.stringify(value)].flat().join(".")}}`;
}
