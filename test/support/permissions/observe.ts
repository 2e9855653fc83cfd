import type { PolicyDocument } from "../../../local/iam/policy.ts";
import { type Account, openAccount } from "./account.ts";
import { ACCOUNTS } from "./flows/all.ts";
import type { PermissionsFlow } from "./flows/flow.ts";
import { type Noted, shortRole } from "./permissions.ts";

/** What roles have, and what flows have made them ask for. */
export interface Observation {
  /** Policies of every role of the stack and of instances, by {@link shortRole}. */
  readonly policies: ReadonlyMap<string, readonly PolicyDocument[]>;
  readonly noted: readonly Noted[];
  /** Flows that did not come to their end, with what was wrong. */
  readonly failures: readonly string[];
}

/** Runs all flows, each list in an account of its own and side by side, and writes down every decision of IAM. */
export async function observe(cdkOut: string, log: (line: string) => void): Promise<Observation> {
  const parts = await Promise.all(ACCOUNTS.map((flows) => observeFlows(cdkOut, flows, log)));
  return {
    policies: new Map(parts.flatMap(({ policies }) => [...policies])),
    noted: parts.flatMap(({ noted }) => noted),
    failures: parts.flatMap(({ failures }) => failures),
  };
}

/** Runs flows one after the other in an account of their own; the ones after a failure, too. */
export async function observeFlows(
  cdkOut: string,
  flows: readonly PermissionsFlow[],
  log: (line: string) => void,
): Promise<Observation> {
  await using account = await openAccount(cdkOut, log);
  const failures: string[] = [];
  for (const flow of flows) {
    account.authorizations.begin(flow.name);
    const startedAt = performance.now();
    try {
      await flow.run(account);
      const [unmet] = account.forgetSurprises();
      if (unmet !== undefined) throw new Error(unmet);
    } catch (error) {
      failures.push(`${flow.name}: ${error instanceof Error ? error.message : error}`);
      await account.cloud.faults.end();
    }
    log(
      `${failures.at(-1)?.startsWith(flow.name) ? "FAILED " : ""}${flow.name}: ${Math.round((performance.now() - startedAt) / 100) / 10} s`,
    );
  }
  const noted = account.authorizations.list();
  return { policies: policiesOf(account, noted), noted, failures };
}

/** Roles of instances go with their clusters, so theirs are those that their last request was evaluated by. */
function policiesOf({ cloud }: Account, noted: readonly Noted[]): Map<string, readonly PolicyDocument[]> {
  const { iam } = cloud.services;
  const ofInstances = noted.map(({ authorization }): [string, readonly PolicyDocument[]] => [
    shortRole(authorization.role),
    authorization.policies,
  ]);
  const ofStack = Object.values(iam.snapshot().roles).map(({ name, arn }): [string, readonly PolicyDocument[]] => [
    shortRole(name),
    iam.policiesOf(arn),
  ]);
  return new Map([...ofInstances, ...ofStack]);
}
