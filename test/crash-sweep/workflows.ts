import type * as sfnSdk from "@aws-sdk/client-sfn";
import type { LocalCloud } from "../../local/cloud.ts";
import { callService } from "../../local/context/service-call.ts";

/** The workflows of a local cloud, past the wire. */
export interface Workflows {
  /** Starts one by a part of its name. */
  start(machine: string, input: object): void;
  /** Names of the executions that run and have this text in their input. */
  running(text: string): Promise<string[]>;
}

export async function workflowsOf({ context, services }: LocalCloud): Promise<Workflows> {
  const { handlers, startExecution } = services.stepFunctions;
  const principal = { arn: `arn:aws:iam::${context.accountId}:user/holdfast` };
  const caller = { service: "states", region: context.region, principal };
  const { stateMachines = [] } = await callService<typeof sfnSdk, "ListStateMachines">(
    handlers,
    "ListStateMachines",
    {},
    caller,
  );

  const runningOf = async (stateMachineArn: string | undefined): Promise<string[]> => {
    const input = { stateMachineArn, statusFilter: "RUNNING" } as const;
    const list = await callService<typeof sfnSdk, "ListExecutions">(handlers, "ListExecutions", input, caller);
    return (list.executions ?? []).flatMap(({ executionArn }) => executionArn ?? []);
  };
  return {
    start(machine, input) {
      const found = stateMachines.find(({ name = "" }) => name.toLowerCase().includes(machine));
      if (!found?.stateMachineArn) throw new Error(`there is no workflow ${machine}`);
      startExecution({ stateMachineArn: found.stateMachineArn, input: JSON.stringify(input) });
    },
    async running(text) {
      const arns = (await Promise.all(stateMachines.map(({ stateMachineArn }) => runningOf(stateMachineArn)))).flat();
      const executions = await Promise.all(
        arns.map((executionArn) =>
          callService<typeof sfnSdk, "DescribeExecution">(handlers, "DescribeExecution", { executionArn }, caller),
        ),
      );
      return executions.filter(({ input = "" }) => input.includes(text)).map(({ name = "" }) => name);
    },
  };
}
