import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as z from "zod";

/**
 * `npm run service-models [-- DIRECTORY]`: writes `local/wire/models/`, what AWS's own models demand of inputs: enumerations,
 * patterns, lengths, ranges. They come from botocore's data, which AWS publishes with each release; the directory is that of
 * Python's botocore package, the machine's own unless another is named. Only facts are taken, of operations that `local/` names.
 */

const ROOT = join(import.meta.dirname, "..");
/** botocore's folder by the name in a signature's scope. */
const SERVICES = {
  apigateway: "apigatewayv2",
  autoscaling: "autoscaling",
  cloudformation: "cloudformation",
  dynamodb: "dynamodb",
  ec2: "ec2",
  elasticloadbalancing: "elbv2",
  events: "events",
  iam: "iam",
  kms: "kms",
  lambda: "lambda",
  logs: "logs",
  monitoring: "cloudwatch",
  route53: "route53",
  servicequotas: "service-quotas",
  sns: "sns",
  sqs: "sqs",
  ssm: "ssm",
  states: "stepfunctions",
  sts: "sts",
} as const;

const Reference = z.object({ shape: z.string() });
const Shape = z.object({
  type: z.string(),
  enum: z.array(z.string()).optional(),
  pattern: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  members: z.record(z.string(), Reference).optional(),
  member: Reference.optional(),
  key: Reference.optional(),
  value: Reference.optional(),
});
type Shape = z.output<typeof Shape>;
const Model = z.object({
  operations: z.record(z.string(), z.object({ input: Reference.optional() })),
  shapes: z.record(z.string(), Shape),
});

function modelOf(data: string, folder: string): z.output<typeof Model> {
  const version = readdirSync(join(data, folder)).toSorted().at(-1) ?? "";
  const path = join(data, folder, version, "service-2.json");
  const text = existsSync(path) ? readFileSync(path) : gunzipSync(readFileSync(`${path}.gz`));
  return Model.parse(JSON.parse(text.toString("utf8")));
}

/** Java's regular expressions have what JavaScript's do not; a pattern that cannot be read here constrains nothing. */
function isReadable(pattern: string): boolean {
  try {
    new RegExp(`^(?:${pattern})$`, "u");
    return true;
  } catch {
    return false;
  }
}

function referencesOf({ members = {}, member, key, value }: Shape): string[] {
  return [...Object.values(members), member, key, value].flatMap((reference) => (reference ? [reference.shape] : []));
}

/** Names of shapes that constrain anything, by themselves or by what is in them. */
function constraining(shapes: Readonly<Record<string, Shape>>): ReadonlySet<string> {
  const found = new Set<string>();
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [name, shape] of Object.entries(shapes)) {
      const own = shape.enum ?? shape.pattern ?? shape.min ?? shape.max;
      if (own !== undefined || referencesOf(shape).some((other) => found.has(other))) found.add(name);
    }
  }
  return found;
}

function reduce(model: z.output<typeof Model>, named: (operation: string) => boolean) {
  const readable = Object.entries(model.shapes).map(([name, { pattern, ...shape }]): [string, Shape] => [
    name,
    pattern !== undefined && isReadable(pattern) ? { ...shape, pattern } : shape,
  ]);
  const shapes = Object.fromEntries(readable);
  const kept = constraining(shapes);
  const only = (reference: { shape: string } | undefined) =>
    reference && kept.has(reference.shape) ? reference.shape : undefined;
  const operations = Object.entries(model.operations).flatMap(([name, { input }]) => {
    const shape = only(input);
    return named(name) && shape !== undefined ? [[name, shape] as const] : [];
  });
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (!kept.has(name) || reached.has(name)) return;
    reached.add(name);
    for (const other of referencesOf(shapes[name] ?? { type: "" })) reach(other);
  };
  for (const [, shape] of operations) reach(shape);
  const reduced = [...reached].toSorted().map((name) => {
    const { members, member, key, value, ...own } = shapes[name] ?? { type: "" };
    const inside = Object.entries(members ?? {}).flatMap(([of, reference]) => {
      const shape = only(reference);
      return shape === undefined ? [] : [[of, shape]];
    });
    return [
      name,
      {
        ...own,
        ...(members && { members: Object.fromEntries(inside) }),
        member: only(member),
        key: only(key),
        value: only(value),
      },
    ];
  });
  return { operations: Object.fromEntries(operations), shapes: Object.fromEntries(reduced) };
}

function sourcesBelow(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("\n");
}

function main(): void {
  const ask = ["-c", "import botocore, os; print(os.path.dirname(botocore.__file__))"];
  const directory = process.argv[2] ?? execFileSync("python3", ask, { encoding: "utf8" }).trim();
  const words = new Set(sourcesBelow(join(ROOT, "local")).match(/\b[A-Z]\w+\b/g));
  for (const [service, folder] of Object.entries(SERVICES)) {
    const reduced = reduce(modelOf(join(directory, "data"), folder), (operation) => words.has(operation));
    writeFileSync(join(ROOT, "local", "wire", "models", `${service}.json`), `${JSON.stringify(reduced)}\n`);
    console.error(`${service}: ${Object.keys(reduced.operations).length} operations`);
  }
}

main();
