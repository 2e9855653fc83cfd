import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { expect, test } from "vitest";
import { readChoice } from "./arguments.ts";
import { readState } from "./state.ts";

const RESUME = "--resume takes the name of a run, such as smoke-20261130-0123-ab12";

test.each([
  [["--resume", "nope"], RESUME],
  [["--resume", "../../../../etc"], RESUME],
  [["--region", "us-west-2", "--size", "foo"], '--size takes an instance type, such as t3.medium, not "foo"'],
  [["--region", "us-west-2", "--only", "ha,"], '--only takes private, public, ha, not ""'],
  [["--region", "us-west-2", "--api", "nonsense"], '--api takes an address, such as https://…, not "nonsense"'],
])("%j is refused in one sentence", (args, problem) => {
  expect(readChoice(args, parseArgs)).toEqual({ ok: false, problem });
});

test("--help asks for nothing else", () => {
  expect(readChoice(["--help"], parseArgs)).toEqual({ ok: false, problem: null });
});

test("a run that is not there has no state", async () => {
  expect(readChoice(["--resume", "smoke-20261130-0123-ab12"], parseArgs)).toMatchObject({ ok: true });
  expect(await readState(tmpdir(), "smoke-20261130-0123-ab12")).toBeUndefined();
});
