import { expect, test } from "vitest";
import type { FieldRow } from "../../functions/domain/spec/field-row.ts";
import { FIELDS } from "../../functions/domain/spec/field-table.ts";
import { findKopsFlag, KOPS_FLAGS } from "../../functions/domain/spec/kops-flags.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import { buildProgram } from "./program.ts";

/** Of kops 1.37, and of the versions before (docs/references/kops.md#flags), but for those of KOPS_FLAGS. */
const IN_COMMON = [
  ..."admin-access api-loadbalancer-type cloud cloud-labels control-plane-count control-plane-security-groups".split(
    " ",
  ),
  ..."control-plane-size control-plane-volume-size control-plane-zones dns-zone dry-run image kubernetes-version".split(
    " ",
  ),
  ..."master-count master-security-groups master-size master-volume-size master-zones name network-cidr networking".split(
    " ",
  ),
  ..."node-count node-security-groups node-size node-volume-size output state topology yes zones".split(" "),
].map((name) => `--${name}`);

const rows: readonly FieldRow[] = Object.values(FIELDS);

function optionOf(flag: string) {
  const create = buildProgram({ command: () => {}, write: () => {} }).commands.find((each) => each.name() === "create");
  return create?.commands[0]?.options.find(({ long }) => long === flag);
}

function meaningOf(flag: string): string {
  const foreign = findKopsFlag(flag);
  if (foreign && "instead" in foreign) return `taken with a warning: ${foreign.instead}`;
  if (foreign) {
    const anyway = foreign.anyway?.map((value) => `\`${value}\``).join(", ");
    return `refused: ${foreign.refusal}${anyway === undefined ? "" : `. Taken: ${anyway}`}`;
  }
  if (flag === "--cloud") return "taken: `aws`";
  if (flag === "--state") return "taken with a warning: Holdfast keeps its own state";
  const row = rows.find(({ flags }) => flags.includes(flag));
  return `taken: ${row?.help?.[1] ?? optionOf(flag)?.description}`;
}

function page(): string {
  const flags = [...IN_COMMON, ...Object.keys(KOPS_FLAGS)].toSorted();
  return `# Flags of kops

A command written for \`kops create cluster\` runs after changing the program's name. This table has every flag of kops 1.37 and of
the versions before, and what \`holdfast create cluster\` does with it. Everything that is refused is listed in one answer.
A test makes this page from the code, and fails if it is old: \`npm run unit -- client/grammar/kops-flags.test.ts -u\` writes it.

| flag | with Holdfast |
| --- | --- |
${flags.map((flag) => `| \`${flag}\` | ${meaningOf(flag).replaceAll("|", "\\|")} |`).join("\n")}

\`-y\`, \`-o\`, \`-t\` and \`-v\` are short for \`--yes\`, \`--output\`, \`--topology\` and \`--v\`. Switches take a value after \`=\` as well:
\`--yes=true\`. Flags may stand before the words: \`--name prod.example.com create cluster\`. \`--config\` names Holdfast's own
configuration ([command line](cli.md)).

Public commands in \`client/grammar/kops-commands.txt\` are tried with each change: 75 of 135 pass as they stand. Most others ask for
a version of Kubernetes that is no longer supported, or for a network that exists.
`;
}

test("docs/kops-flags.md has every flag of kops, as the code takes it", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/kops-flags.md");
});

test.each(IN_COMMON)("%s is a flag of create cluster", (flag) => {
  expect(optionOf(flag)).toBeDefined();
  expect(findKopsFlag(flag)).toBeUndefined();
});

const PLAIN = [
  { flag: "NAME", value: "ha" },
  { flag: "--zones", value: "us-west-2a" },
];

test.each(Object.entries(KOPS_FLAGS))("%s has its own answer", (flag, row) => {
  const value = "takes" in row ? "x" : "true";
  const spec = specFromFlags([...PLAIN, { flag, value }]);

  if ("instead" in row) expect(spec).toMatchObject({ ok: true, warnings: [`${flag}: ${row.instead}`] });
  else expect(spec).toMatchObject({ ok: false, problems: [{ flag, value, message: `${flag}: ${row.refusal}` }] });
});

test("a refused flag with the value that holds anyway is taken", () => {
  const flags = [
    { flag: "--bastion", value: "false" },
    { flag: "--node-tenancy", value: "default" },
    { flag: "--api-server-count", value: "0" },
  ];

  expect(specFromFlags([...PLAIN, ...flags])).toMatchObject({ ok: true, warnings: [] });
});

test("what holds in place of several flags is said once", () => {
  const flags = ["--v", "--logtostderr", "--ssh-access", "--ssh-access"].map((flag) => ({ flag, value: "1" }));

  expect(specFromFlags([...PLAIN, ...flags])).toMatchObject({
    warnings: [
      "--v, --logtostderr: nothing is logged; messages are on standard error",
      "--ssh-access: no machine is reached by SSH; open a session with aws ssm start-session --target INSTANCE",
    ],
  });
});
