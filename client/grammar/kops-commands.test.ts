import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Problem } from "../../functions/domain/spec/spec.ts";
import { runCli } from "../../test/support/run-cli.ts";
import { splitWords } from "./typed-text.ts";

interface Written {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Flags of all problems; none if it passes. */
  readonly refused: readonly string[];
  readonly line: string;
}

/** Lines of an outcome, each followed by its command. */
const written = readFileSync(new URL("kops-commands.txt", import.meta.url), "utf8")
  .split("\n\n")
  .slice(1)
  .map((entry): Written => {
    const [outcome = "", line = ""] = entry.trim().split("\n");
    const [, name, command = ""] = /^ *(?:KOPS_CLUSTER_NAME=(\S+) )?kops (.*)$/.exec(line) ?? [];
    return {
      words: splitWords(command) ?? [],
      environment: name === undefined ? {} : { KOPS_CLUSTER_NAME: name },
      refused: outcome.split(" ").slice(1),
      line: line.trim(),
    };
  });

async function dryRun(words: readonly string[], environment: Written["environment"]) {
  const { code, stdout } = await runCli([...words, "--dry-run", "-o", "json"], environment);
  const { problems = [] }: { problems?: Problem[] } = JSON.parse(stdout);
  return { code, problems };
}

/** As somebody who does what the one answer says. */
function corrected(words: readonly string[], problems: readonly Problem[]): string[] {
  const named = new Set(problems.map(({ flag }) => flag));
  const values = new Set(problems.filter(({ flag }) => flag === "NAME").map(({ value }) => value));
  const kept = words.filter((word, index) => {
    const before = words[index - 1] ?? "";
    return !named.has(word) && !named.has(word.replace(/=.*/s, "")) && !values.has(word) && !isValueOf(before, word);
  });
  function isValueOf(flag: string, word: string): boolean {
    return named.has(flag) && flag !== "--bastion" && !word.startsWith("-");
  }
  return [...kept, ...(named.has("NAME") ? ["ha"] : []), ...(named.has("--zones") ? ["--zones", "us-west-2a"] : [])];
}

test("the commands are distinct, and enough of them", () => {
  expect(new Set(written.map(({ line }) => line)).size).toBe(135);
});

test("of 135 commands written for kops 75 pass as they stand", () => {
  expect(written.filter(({ refused }) => refused.length === 0)).toHaveLength(75);
});

test("most others ask for an old version of Kubernetes, or for a network that exists", () => {
  const others = written.filter(({ refused }) => refused.length > 0);
  const expected = /^--(kubernetes-version|vpc|network-id)$/;

  expect(others.filter(({ refused }) => !refused.some((flag) => expected.test(flag)))).toHaveLength(11);
});

test.each(written)("$line", async ({ words, environment, refused }) => {
  const { code, problems } = await dryRun(words, environment);

  expect(problems.map(({ flag }) => flag)).toEqual(refused);
  expect(code).toBe(refused.length > 0 ? 2 : 0);
});

test.each(written.filter(({ refused }) => refused.length > 0))(
  "one answer names everything: without what it refuses, this passes: $line",
  async ({ words, environment }) => {
    const { problems } = await dryRun(words, environment);

    expect(await dryRun(corrected(words, problems), environment)).toEqual({ code: 0, problems: [] });
  },
);
