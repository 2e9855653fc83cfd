import { expect, test } from "vitest";
import {
  expandSpecifiers,
  expandVariables,
  parseCommandLine,
  parseTimeSpan,
  splitWords,
} from "./units/command-line.ts";
import { parseInto } from "./units/unit-file.ts";

test.each([
  ["/bin/echo one  two", ["/bin/echo", "one", "two"]],
  ['/bin/echo \'one two\' "three \\"four\\""', ["/bin/echo", "one two", 'three "four"']],
  ['a="b c"d', ["a=b cd"]],
  ["''", [""]],
  ["  ", []],
])("the command line %j has the words %j", (line, words) => {
  expect(splitWords(line)).toEqual(words);
});

test("a leading minus makes failure harmless", () => {
  expect(parseCommandLine("-/bin/false now")).toEqual({ words: ["/bin/false", "now"], ignoreFailure: true });
});

test("variables are expanded in words, and split when they are the word", () => {
  expect(expandVariables(["${A}/x", "$B", "$$HOME", "$NONE"], { A: "1 2", B: "3 4" })).toEqual([
    "1 2/x",
    "3",
    "4",
    "$HOME",
  ]);
});

test("specifiers name the unit, its instance and the host", () => {
  expect(expandSpecifiers("%n %p %i %H %%", "etcd@a.service", "ip-1")).toBe("etcd@a.service etcd a ip-1 %");
});

test.each([
  ["5", 5000],
  ["500ms", 500],
  ["1min 30s", 90_000],
  ["infinity", Number.POSITIVE_INFINITY],
  ["soon", undefined],
])("the time span %j is %j milliseconds", (text, milliseconds) => {
  expect(parseTimeSpan(text)).toBe(milliseconds);
});

test("a unit file has continued lines, comments, lists, and empty assignments that reset them", () => {
  const settings = new Map<string, string[]>();

  parseInto(settings, "# c\n[Service]\nExecStart=/bin/a \\\n  b\nEnvironment=X=1\nEnvironment=Y=2\n");
  parseInto(settings, "[Service]\nExecStart=\nExecStart=/bin/c\n");

  expect(settings.get("Service.ExecStart")).toEqual(["/bin/c"]);
  expect(settings.get("Service.Environment")).toEqual(["X=1", "Y=2"]);
});
