import { expect, test } from "vitest";
import { parseCommandLine } from "./parse-command.ts";

function messagesOf(line: string): readonly string[] {
  const parsed = parseCommandLine(line);
  return parsed.ok ? [] : parsed.problems.map(({ message }) => message);
}

function helpOf(line: string): string {
  const parsed = parseCommandLine(line);
  return parsed.ok && parsed.command.kind === "help" ? parsed.command.text : JSON.stringify(parsed);
}

test.each([
  ["help create cluster", "create cluster --help"],
  ["help fleet rollout", "fleet rollout --help"],
  ["help", "--help"],
])("%s is the help of that command", (line, same) => {
  expect(helpOf(line)).toBe(helpOf(same));
  expect(helpOf(line)).toMatch(/^Usage: /);
});

test.each([
  ["help nonsense", "unknown command 'nonsense'"],
  ["nonsense --help", "unknown command 'nonsense'"],
  ["creat cluster -h", "unknown command 'creat' (Did you mean create?)"],
  ["create clutser --help", "unknown command 'clutser' (Did you mean cluster?)"],
])("%s: a misspelt command has no help", (line, message) => {
  expect(messagesOf(line)).toEqual([message]);
});

test.each([
  [
    "scale nodes --cuont 3 --yes -o xml",
    [
      "option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json, yaml.",
      "required option '--count <number>' not specified",
      "unknown option '--cuont' (Did you mean --count?)",
    ],
  ],
  [
    "fleet join --bogus",
    ["required option '--hub <address>' not specified", "unknown option '--bogus'", "missing required argument 'NAME'"],
  ],
])("what is missing does not hide what else is wrong: %s", (line, messages) => {
  expect(messagesOf(line)).toEqual(messages);
});

test("a value that is none of the choices is named without the parser's own words", () => {
  expect(messagesOf("completion tcsh")).toEqual([
    "value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish, powershell.",
  ]);
});
