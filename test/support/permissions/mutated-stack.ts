import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { STACK_NAME } from "../../../infra/app.ts";
import type { Permission } from "./permissions.ts";

const Document = z.looseObject({
  Statement: z.array(z.looseObject({ Action: z.union([z.string(), z.array(z.string())]) })),
});
/** Of a policy, or of a role, in which policies may stand. */
const Properties = z.looseObject({
  PolicyDocument: Document.optional(),
  Policies: z.array(z.looseObject({ PolicyDocument: Document })).optional(),
});
const Resource = z.looseObject({ Type: z.string(), Properties: z.unknown() });
const Template = z.looseObject({ Resources: z.record(z.string(), Resource) });
const GRANTING = ["AWS::IAM::Role", "AWS::IAM::Policy"];

/** A synthesized stack like that in `cdkOut`, whose template lacks one permission; gone when it is disposed of. */
export async function mutatedStack(cdkOut: string, lost: Permission) {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-mutated-"));
  const file = `${STACK_NAME}.template.json`;
  for (const name of await readdir(cdkOut)) if (name !== file) await symlink(join(cdkOut, name), join(directory, name));
  const template = Template.parse(JSON.parse(await readFile(join(cdkOut, file), "utf8")));
  const own = Object.entries(template.Resources)
    .filter(([id, { Type }]) => id.startsWith(`${lost.role}Role`) && GRANTING.includes(Type))
    .toSorted(([, one], [, other]) => GRANTING.indexOf(one.Type) - GRANTING.indexOf(other.Type))
    .map(([id, resource]) => ({ id, resource, properties: Properties.parse(resource.Properties) }));
  const documents = own.flatMap(({ properties: { Policies = [], PolicyDocument } }) => [
    ...Policies.map((policy) => policy.PolicyDocument),
    ...(PolicyDocument ? [PolicyDocument] : []),
  ]);
  const statement = documents[lost.policy]?.Statement[lost.statement];
  const actions = [statement?.Action ?? []].flat();
  if (!statement || !actions.includes(lost.action)) throw new Error(`${lost.role} is not granted ${lost.action} there`);
  // A statement must have an action; nobody calls this one.
  const left = actions.filter((action) => action !== lost.action);
  statement.Action = left.length > 0 ? left : ["sts:GetCallerIdentity"];
  const changed = own.map(({ id, resource, properties }) => [id, { ...resource, Properties: properties }]);
  const Resources = { ...template.Resources, ...Object.fromEntries(changed) };
  await writeFile(join(directory, file), JSON.stringify({ ...template, Resources }));
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}
