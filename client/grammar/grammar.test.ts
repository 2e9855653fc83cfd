import { expect, test } from "vitest";
import { EXAMPLES } from "./examples.ts";
import { parseCommand, parseCommandLine } from "./parse-command.ts";
import { parseDuration, splitWords } from "./typed-text.ts";

const CREATE = {
  kind: "create-cluster",
  flags: [],
  problems: [],
  filename: null,
  yes: false,
  dryRun: false,
  waitMs: null,
  output: "table",
};

test.each([
  ["create cluster", CREATE],
  ["create cluster ha --yes", { ...CREATE, flags: [{ flag: "NAME", value: "ha" }], yes: true }],
  ["create cluster --wait ha", { ...CREATE, flags: [{ flag: "NAME", value: "ha" }], waitMs: 600_000 }],
  ["create cluster --wait 90s --dry-run -o json", { ...CREATE, waitMs: 90_000, dryRun: true, output: "json" }],
  [
    "create cluster --control-plane-zones=us-west-2a --control-plane-count 3",
    {
      ...CREATE,
      flags: [
        { flag: "--control-plane-zones", value: "us-west-2a" },
        { flag: "--control-plane-count", value: "3" },
      ],
    },
  ],
  ["create cluster --node-count -1", { ...CREATE, flags: [{ flag: "--node-count", value: "-1" }] }],
  ["create cluster -f ha.yaml", { ...CREATE, filename: "ha.yaml" }],
  [
    "create cluster —cloud-labels “Team=Dev,Owner=John Doe”",
    { ...CREATE, flags: [{ flag: "--cloud-labels", value: "Team=Dev,Owner=John Doe" }] },
  ],
  [
    "update cluster ha --node-count 5 --yes",
    {
      ...CREATE,
      kind: "update-cluster",
      flags: [
        { flag: "NAME", value: "ha" },
        { flag: "--node-count", value: "5" },
      ],
      yes: true,
    },
  ],
  [
    "scale nodes ha --count 5 --wait",
    {
      ...CREATE,
      kind: "update-cluster",
      flags: [
        { flag: "NAME", value: "ha" },
        { flag: "--count", value: "5" },
      ],
      waitMs: 600_000,
    },
  ],
  [
    "migrate cluster ha --master-zones us-west-2a,us-west-2b --master-count 5 --no-roll --yes",
    {
      kind: "migrate-cluster",
      name: "ha",
      masterZones: ["us-west-2a", "us-west-2b", "us-west-2a", "us-west-2b", "us-west-2a"],
      masterSize: null,
      noRoll: true,
      yes: true,
      waitMs: null,
      output: "table",
    },
  ],
  [
    "migrate cluster ha --master-zones us-west-2a --master-size m5.large --wait 20m -o json",
    {
      kind: "migrate-cluster",
      name: "ha",
      masterZones: ["us-west-2a"],
      masterSize: "m5.large",
      noRoll: false,
      yes: false,
      waitMs: 1_200_000,
      output: "json",
    },
  ],
  [
    "export kubeconfig --admin ha",
    {
      kind: "export-kubeconfig",
      name: "ha",
      fleet: null,
      selector: null,
      validMs: 18 * 3_600_000,
      exec: false,
      kubeconfig: null,
      output: "table",
    },
  ],
  ["credential --cluster ha --admin 10m", { kind: "credential", cluster: "ha", validMs: 600_000 }],
  [
    "export kubeconfig ha --admin=1h --kubeconfig f",
    {
      kind: "export-kubeconfig",
      name: "ha",
      fleet: null,
      selector: null,
      validMs: 3_600_000,
      exec: false,
      kubeconfig: "f",
      output: "table",
    },
  ],
  [
    "export kubeconfig --fleet prod --exec",
    {
      ...{ kind: "export-kubeconfig", name: null, fleet: "prod", selector: null },
      ...{ validMs: null, exec: true, kubeconfig: null, output: "table" },
    },
  ],
  [
    "fleet create prod --selector env=prod --minimum-masters 3 --backup-interval 1h --yes",
    {
      ...{ kind: "create-fleet", fleet: "prod", clusters: null, selector: "env=prod" },
      policy: { backup: { intervalMinutes: 60 }, masters: { minimum: 3 } },
      ...{ filename: null, yes: true, output: "table" },
    },
  ],
  [
    "fleet update prod --enforce nothing --yes",
    {
      ...{ kind: "update-fleet", fleet: "prod", clusters: null, selector: null, policy: { enforce: [] } },
      ...{ filename: null, yes: true, output: "table" },
    },
  ],
  [
    "fleet rollout prod --node-count 5 --set drill=off --max-concurrent 25% --soak 1h",
    {
      ...{ kind: "rollout-fleet", fleet: "prod", flags: [{ flag: "--node-count", value: "5" }], sets: ["drill=off"] },
      stage: { name: "all", maxConcurrent: "25%", soakMinutes: 60 },
      ...{ filename: null, yes: false, output: "table" },
    },
  ],
  [
    "fleet rollout resume prod --skip a,b --yes",
    { kind: "act-rollout", rollout: "prod", action: "resume", skip: ["a", "b"], yes: true, output: "table" },
  ],
  [
    "fleet rollout check prod --name smoke --failed --message down --yes",
    {
      ...{ kind: "act-rollout", rollout: "prod", action: "check", skip: [], yes: true, output: "table" },
      check: { name: "smoke", passed: false, message: "down" },
    },
  ],
  ["fleet get -o json", { kind: "get-fleets", fleet: null, output: "json" }],
  ["get rollouts prod", { kind: "get-rollouts", rollout: "prod", output: "table" }],
  [
    "get clusters -l env=prod",
    { kind: "get-clusters", name: null, output: "table", filters: { selector: "env=prod" } },
  ],
  ["get clusters", { kind: "get-clusters", name: null, output: "table" }],
  ["get cluster ha -o yaml", { kind: "get-clusters", name: "ha", output: "yaml" }],
  ["get clusters -o wide", { kind: "get-clusters", name: null, output: "table", wide: true }],
  ["get members ha", { kind: "get-members", name: "ha", output: "table" }],
  ["get clusters constructor", { kind: "get-clusters", name: "constructor", output: "table" }],
  ["get nodegroups ha.example.com", { kind: "get-nodegroups", name: "ha.example.com", output: "table" }],
  ["get nodes -o json", { kind: "get-nodes", name: null, output: "json" }],
  ["get operations ha", { kind: "get-operations", name: "ha", output: "table" }],
  ["get operations ha --follow", { kind: "get-operations", name: "ha", output: "table", follow: true }],
  ["get events -o json", { kind: "get-events", name: null, output: "json" }],
  [
    "delete cluster ha",
    { kind: "delete-cluster", name: "ha", yes: false, finalSnapshot: false, waitMs: null, output: "table" },
  ],
  [
    "delete cluster ha --yes --wait --final-snapshot -o json",
    { kind: "delete-cluster", name: "ha", yes: true, finalSnapshot: true, waitMs: 600_000, output: "json" },
  ],
  ["validate cluster ha --wait 10m", { kind: "validate-cluster", name: "ha", waitMs: 600_000, output: "table" }],
  ["local etcdctl ha -- member list -w json", { kind: "local", args: "etcdctl ha -- member list -w json".split(" ") }],
  ["demo", { kind: "demo", args: [] }],
  ["--version", { kind: "version" }],
])("%s is understood", (line, command) => {
  expect(parseCommandLine(line)).toEqual({ ok: true, command });
});

test.each(["", "--help", "create cluster --help", "demo --help", "completion --help", "help"])(
  "'%s' shows the usage",
  (line) => {
    expect(parseCommand(line === "" ? [] : line.split(" "))).toMatchObject({
      ok: true,
      command: { kind: "help", text: expect.stringMatching(/^Usage: holdfast/) },
    });
  },
);

test("the help of a chat has what a chat can do, and nothing else", () => {
  const helpOf = (line: string) => {
    const parsed = parseCommandLine(line);
    return parsed.ok && parsed.command.kind === "help" ? parsed.command.text : "";
  };

  expect(
    helpOf("help")
      .match(/^ {2}\w+/gm)
      ?.map((word) => word.trim()),
  ).toEqual([
    "create",
    "update",
    "scale",
    "migrate",
    "get",
    "validate",
    "delete",
    "restore",
    "backup",
    "drill",
    "describe",
    "pin",
    "unpin",
    "fleet",
  ]);
  expect(helpOf("create cluster --help")).not.toMatch(/--yes|--wait|--filename/);
  expect(helpOf("create cluster --help")).toContain("  /holdfast create cluster --zones us-west-2a dev.example.com");
  expect(helpOf("scale nodes --help")).toContain("  /holdfast scale nodes prod.example.com --count 5\n");
  expect(helpOf("get operations --help")).not.toContain("--follow");
});

test.each([
  ["create cluster -f x.yaml --zones y", "--filename", "", /cannot be combined/],
  ["get clusters --nmae x", "--nmae", "", /unknown option '--nmae'/],
  ["get clusters -o xml", "--output", "xml", /table, wide, json, yaml/],
  ["validate cluster", "", "", /missing required argument 'NAME'/],
  ["create", "", "", /incomplete/],
  ["frobnicate", "", "", /unknown command 'frobnicate'/],
  ["fleet", "", "", /^the command is incomplete$/],
  ["export kubeconfig", "", "", /^say which clusters: NAME, --fleet NAME, or --selector SELECTOR$/],
  ["export kubeconfig ha --fleet f", "", "", /^say which clusters/],
  ["get clustres", "", "", /unknown command 'clustres'.*Did you mean clusters/],
])("%s is bad usage", (line, flag, value, message) => {
  const parsed = parseCommandLine(line);

  expect(parsed).toMatchObject({
    ok: false,
    problems: [{ flag, value }],
    help: expect.stringMatching(/^(Commands: .*\n)?Help: \/holdfast[a-z ]* --help\n$/),
  });
  expect(parsed.ok ? "" : parsed.problems[0]?.message).toMatch(message);
});

test("bad usage remembers the form of output that was asked for", () => {
  expect(parseCommand(["get", "clusters", "-o", "json", "--nope"])).toMatchObject({ ok: false, output: "json" });
});

test("hostile words come back without control characters", () => {
  const parsed = parseCommand(["\u001b[31mred\u0007"]);

  expect(parsed.ok ? "" : parsed.problems[0]?.message).toBe("unknown command '\\u001b[31mred\\u0007'");
});

test.each([
  ["a  b", ["a", "b"]],
  ["a 'b c' \"d e\"f ''", ["a", "b c", "d ef", ""]],
  ["one \\\n  two", ["one", "two"]],
  ["don’t", null],
])("%j splits as in a shell", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

const DASHES = [..."\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d"];
test.each(DASHES)("R10: the dash %j is a hyphen wherever a command has one", (dash) => {
  const line = `create cluster ha ${dash}${dash}zones us${dash}west${dash}2a ${dash}y ${dash}o json ${dash}node${dash}count=2`;

  expect(parseCommandLine(line)).toMatchObject({
    ok: true,
    command: {
      kind: "create-cluster",
      flags: [
        { flag: "NAME", value: "ha" },
        { flag: "--zones", value: "us-west-2a" },
        { flag: "--node-count", value: "2" },
      ],
      yes: true,
      output: "json",
    },
  });
});

const SPACES = [
  ..."\u00a0\u1680\u2000\u2002\u2003\u2007\u2009\u200a\u2028\u202f\u205f\u3000",
  "\t",
  "\n",
  "\\\n",
  "\\ \r\n",
];
test.each(SPACES)("R10: %j separates words", (space) => {
  expect(parseCommandLine(`get${space}clusters${space}ha`)).toMatchObject({ ok: true, command: { name: "ha" } });
});

test.each([..."\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\ufe0f\ufeff"])(
  "R10: %j, which nobody sees, is not there",
  (mark) => {
    expect(parseCommandLine(`${mark}get clus${mark}ters ha${mark}`)).toMatchObject({
      ok: true,
      command: { kind: "get-clusters", name: "ha" },
    });
  },
);

test.each([
  "`get clusters a.example`",
  "```get clusters a.example```",
  "```sh\nget clusters a.example\n```",
  "~~~\nget clusters a.example\n~~~",
  "*get clusters a.example*",
  "**get clusters a.example**",
  "_get clusters a.example_",
  "~get clusters a.example~",
  "> get clusters a.example",
  "&gt; get clusters a.example",
  "get clusters <http://a.example|a.example>",
  "get clusters [a.example](http://a.example)",
  'get clusters <a href="http://a.example">a.example</a>',
  "<p>get&nbsp;clusters <b>a.example</b></p>",
  "<code>get clusters a.example</code>",
  "$ npx holdfast get clusters a.example",
  "/holdfast get clusters a.example",
  "@holdfast get clusters a.example",
  "<@U0123ABCD|holdfast> get clusters a.example",
  "ｇｅｔ　ｃｌｕｓｔｅｒｓ　ａ．ｅｘａｍｐｌｅ",
])("R10: %j is the command in it", (text) => {
  expect(parseCommandLine(text)).toMatchObject({ ok: true, command: { kind: "get-clusters", name: "a.example" } });
});

test.each([
  ["“Owner=John Doe”", "Owner=John Doe"],
  ["„Owner=John Doe‟", "Owner=John Doe"],
  ["«Owner=John Doe»", "Owner=John Doe"],
  ["‘Owner=John Doe’", "Owner=John Doe"],
  ["'Owner=J–D'", "Owner=J–D"],
  ["Owner=<mailto:j@a.example|j@a.example>", "Owner=j@a.example"],
  ["'Owner=J &amp; D'", "Owner=J & D"],
])("R10: the label %s is %j", (typed, value) => {
  expect(parseCommandLine(`create cluster --cloud-labels ${typed}`)).toMatchObject({
    ok: true,
    command: { flags: [{ flag: "--cloud-labels", value }] },
  });
});

test.each([
  [["get", "clusters", "–o", "json"], "json"],
  [["get", "clusters", "—output", "yaml"], "yaml"],
])("R10: a terminal understands pasted flags, too: %j", (argv, output) => {
  expect(parseCommand(argv)).toMatchObject({ ok: true, command: { output } });
});

test.each([
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["5", 5000],
  ["7d", 604_800_000],
  ["", undefined],
  ["ten", undefined],
  ["5w", undefined],
])("the duration %j", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(Object.entries(EXAMPLES).flatMap(([command, lines]) => lines.map((line) => [command, line] as const)))(
  "the examples of %s are understood: %s",
  (command, line) => {
    expect(parseCommandLine(line)).toMatchObject({ ok: true });
    expect(line.startsWith(command)).toBe(true);
  },
);

test("help of a command ends with its examples", () => {
  const parsed = parseCommand(["scale", "nodes", "--help"]);

  expect(parsed).toMatchObject({ ok: true, command: { kind: "help" } });
  expect(parsed.ok && parsed.command.kind === "help" && parsed.command.text).toContain(
    "Examples:\n  holdfast scale nodes prod.example.com --count 5 --yes --wait\n",
  );
});

test("help names any command, as --help after it does", () => {
  expect(parseCommand(["help", "create", "cluster"])).toEqual(parseCommand(["create", "cluster", "--help"]));
  expect(parseCommand(["help", "get"])).toEqual(parseCommand(["get", "--help"]));
});

test.each([
  ["help nosuch", "unknown command 'nosuch'"],
  ["help get nosuch", "unknown command 'nosuch'"],
  ["delete cluster ha --yes=maybe", '--yes: "maybe" is neither true nor false'],
])("%s is refused for what is wrong with it", (line, message) => {
  const parsed = parseCommand(line.split(" "));

  expect(parsed).toMatchObject({ ok: false, problems: [{ message }] });
});

test("a switch that is neither on nor off is one problem among the others", () => {
  const parsed = parseCommand(["create", "cluster", "ha", "--dry-run=maybe", "--wait", "-o", "json"]);

  const problem = { flag: "--dry-run", value: "maybe", message: '--dry-run: "maybe" is neither true nor false' };
  expect(parsed).toMatchObject({ ok: true, command: { kind: "create-cluster", problems: [problem], output: "json" } });
});
