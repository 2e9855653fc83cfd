import { execFileSync } from "node:child_process";
import buildProduct from "../build-product.ts";
import { startScenario } from "../scenario.ts";
import { prepareAccount } from "./account.ts";
import { CLI_2_CALLS, OPERATOR_CALLS, type OperatorCall } from "./calls.ts";
import { type CliPlace, type Outcome, runCli } from "./run-cli.ts";

/**
 * `npm run operator-calls [-- PROGRAM] [WORDS]`: runs an operator's calls by the AWS CLI that is on the PATH, or at
 * PROGRAM, on a local cloud with a cluster; only those with WORDS in them. Exit code 1 if more than a thirtieth fail.
 */
async function main(): Promise<void> {
  const [program = "aws", ...words] = process.argv.slice(2);
  const version = execFileSync(program, ["--version"], { encoding: "utf8" }).trim();
  console.log(version);
  await buildProduct();
  await using scenario = await startScenario({ hosts: "simulated" });
  const names = await prepareAccount(scenario);
  const environment = {
    AWS_ACCESS_KEY_ID: "holdfast",
    AWS_SECRET_ACCESS_KEY: "holdfast",
    AWS_DEFAULT_REGION: scenario.cloud.endpoints.region,
  };
  const all = version.startsWith("aws-cli/2") ? [...OPERATOR_CALLS, ...CLI_2_CALLS] : OPERATOR_CALLS;
  const calls = all.filter(({ command }) => command.includes(words.join(" ")));
  const failed = await runAll(program, calls, { names, environment, endpoint: scenario.cloud.endpoints.aws });
  process.exitCode = failed * 30 > calls.length ? 1 : 0;
}

async function runAll(program: string, calls: readonly OperatorCall[], place: CliPlace): Promise<number> {
  const failures: string[] = [];
  for (const call of calls) {
    const outcome: Outcome = await runCli(program, call, place);
    console.log(`${outcome === undefined ? "works " : "FAILS "} aws ${call.command}`);
    if (outcome !== undefined) failures.push(`aws ${call.command}\n    ${outcome}`);
  }
  console.log(`\n${calls.length - failures.length} of ${calls.length} calls work`);
  if (failures.length > 0) console.log(`\n${failures.join("\n")}`);
  return failures.length;
}

await main();
