import { expect, test } from "vitest";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import { parseCommandLine } from "./parse-command.ts";

/** The flags and switches of a `create cluster`, as typed. */
function created(line: string) {
  const parsed = parseCommandLine(line);
  if (!parsed.ok || parsed.command.kind !== "create-cluster") throw new Error(JSON.stringify(parsed));
  const { flags, problems, yes, dryRun, output } = parsed.command;
  return { flags: flags.map(({ flag, value }) => `${flag} ${value}`), problems, yes, dryRun, output };
}

const PLAIN = { flags: [], problems: [], yes: false, dryRun: false, output: "table" };

test.each([
  ["--name ha create cluster", { flags: ["--name ha"] }],
  ["--name=ha --zones us-west-2a create --yes cluster", { flags: ["--name ha", "--zones us-west-2a"], yes: true }],
  ["create --name create cluster", { flags: ["--name create"] }],
  ["--bogus create cluster ha", { flags: ["--bogus ", "NAME ha"] }],
  ["-v 4 create cluster -v=4 -v4 --v=4 ha", { flags: ["NAME ha", "--v 4", "--v 4", "--v 4", "--v 4"] }],
  ["create cluster --yes ha", { flags: ["NAME ha"], yes: true }],
  ["create cluster --yes=true --dry-run=false ha", { flags: ["NAME ha"], yes: true }],
  ["create cluster --dry-run=1 -o=json ha", { flags: ["NAME ha"], dryRun: true, output: "json" }],
  ["create cluster -t private -oyaml ha", { flags: ["NAME ha", "-t private"], output: "yaml" }],
  ["create cluster --bastion ha", { flags: ["NAME ha", "--bastion true"] }],
  ["create cluster --bastion=False --ipv6=0 ha", { flags: ["NAME ha", "--bastion false", "--ipv6 false"] }],
])("words stand in any order that kops takes, and switches take a value: %s", (line, expected) => {
  expect(created(line)).toEqual({ ...PLAIN, ...expected });
});

test.each([
  [
    "create cluster --bogus x --more=y ha --zones us-west-2a",
    ["--bogus x", "--more y", "NAME ha", "--zones us-west-2a"],
  ],
  ["create cluster --bogus ha", ["--bogus ", "NAME ha"]],
  ["create cluster --name ha --bogus x", ["--bogus x", "--name ha"]],
  ["create cluster --bogus --more", ["--bogus ", "--more "]],
  ["create cluster ha --zones", ["NAME ha", "--zones "]],
])("flags that nobody knows are kept, with their value: %s", (line, flags) => {
  expect(created(line)).toEqual({ ...PLAIN, flags });
});

test("everything that is wrong is reported at once: unknown flags, values, options of the command", () => {
  const line =
    "create cluster --zone us-west-2a ha --bastion --node-count many --vpc=vpc-1 -o xml --wait=soon --masters 3";
  const parsed = parseCommandLine(line);
  if (!parsed.ok || parsed.command.kind !== "create-cluster") throw new Error(JSON.stringify(parsed));
  const spec = specFromFlags(parsed.command.flags);

  const problems = [...parsed.command.problems, ...(spec.ok ? [] : spec.problems)];

  expect(problems.map(({ flag, value }) => `${flag} ${value}`)).toEqual([
    "--output xml",
    "--wait soon",
    "--zone us-west-2a",
    "--masters 3",
    "--bastion true",
    "--vpc vpc-1",
    "--zones ",
    "--node-count many",
  ]);
  expect(problems.map(({ message }) => message)).toContain("--zone: there is no such flag; is --zones meant?");
});

test("everything that is wrong with another command is reported at once, too", () => {
  expect(parseCommandLine("get clusters --bogus=1 -o xml --nope")).toMatchObject({
    ok: false,
    problems: [{ flag: "--output" }, { flag: "--bogus" }, { flag: "--nope" }],
  });
});

test.each(["create cluster ha --yes=maybe --bogus=1", "delete cluster ha --yes=maybe --bogus=1"])(
  "a switch that is neither true nor false is not taken for an unknown flag: %s",
  (line) => {
    const parsed = parseCommandLine(line);
    const problems =
      parsed.ok && "problems" in parsed.command ? parsed.command.problems : !parsed.ok && parsed.problems;

    expect(problems).toContainEqual({
      flag: "--yes",
      value: "maybe",
      message: '--yes: "maybe" is neither true nor false',
    });
    expect(JSON.stringify(parsed)).toContain("--bogus");
  },
);

test.each([
  ["create cluster a b", 'NAME: one cluster name is expected, but "a" and "b" were given'],
  [
    "create cluster a --yes true",
    'NAME: one cluster name is expected, but "a" and "true" were given (write --yes, not --yes true)',
  ],
  ["create cluster a --name b", "--name: NAME says the same thing; give one of them"],
])("%s: the second name is reported", (line, message) => {
  const parsed = parseCommandLine(line);
  const spec = parsed.ok && parsed.command.kind === "create-cluster" ? specFromFlags(parsed.command.flags) : undefined;

  expect(spec?.ok === false && spec.problems.map((problem) => problem.message)).toContain(message);
});
