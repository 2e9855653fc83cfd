import type * as sfn from "@aws-sdk/client-sfn";
import type { Clock } from "../../context/clock.ts";
import { paginate, required } from "../../context/input.ts";
import type { Handlers } from "../../wire/contract.ts";
import { AwsError } from "../../wire/contract.ts";
import type { Executions } from "../executions.ts";
import type { StateMachines } from "../state-machines.ts";
import { toDescription, toListItem } from "../views.ts";

/**
 * The most a page may hold, and what it holds when the caller does not say (also for 0): API reference of both lists.
 */
const PAGE_LIMIT = 1000;
const PAGE_DEFAULT = 100;

/** The operations on executions. */
export function executionHandlers(machines: StateMachines, executions: Executions, clock: Clock): Handlers<typeof sfn> {
  return {
    StartExecution: ({ stateMachineArn, name, input }) => {
      const machine = machines.get(required(stateMachineArn, "stateMachineArn", "ValidationException"));
      const { arn, startDate } = executions.start(machine, name, input);
      return { executionArn: arn, startDate };
    },

    StopExecution: async ({ executionArn, error, cause }) => {
      const execution = await executions.stop(requiredArn(executionArn), error, cause);
      return { stopDate: execution.stopDate };
    },

    RedriveExecution: ({ executionArn }) => ({ redriveDate: executions.redrive(requiredArn(executionArn)) }),

    DescribeExecution: ({ executionArn }) => toDescription(executions.get(requiredArn(executionArn)), clock.now()),

    ListExecutions: ({ stateMachineArn, statusFilter, redriveFilter, maxResults, nextToken, mapRunArn }) => {
      if (mapRunArn !== undefined) throw new AwsError("ValidationException", "Map runs are not emulated.");
      const { arn } = machines.get(required(stateMachineArn, "stateMachineArn", "ValidationException"));
      const found = executions
        .list()
        .filter((execution) => execution.revision.stateMachineArn === arn)
        .filter((execution) => statusFilter === undefined || execution.status === statusFilter)
        .filter(
          ({ redriveCount }) => redriveFilter === undefined || redriveCount > 0 === (redriveFilter === "REDRIVEN"),
        );
      const page = paginate(found, { limit: pageSize(maxResults), token: nextToken, tokenError: "InvalidToken" });
      return { executions: page.items.map(toListItem), nextToken: page.nextToken };
    },

    GetExecutionHistory: ({ executionArn, reverseOrder, maxResults, nextToken }) => {
      const { events } = executions.get(requiredArn(executionArn));
      const ordered = reverseOrder ? events.toReversed() : events;
      const page = paginate(ordered, { limit: pageSize(maxResults), token: nextToken, tokenError: "InvalidToken" });
      return { events: page.items, nextToken: page.nextToken };
    },

    // Distributed maps are not emulated, so no map has runs of its own.
    ListMapRuns: ({ executionArn }) => ({ mapRuns: executions.get(requiredArn(executionArn)) && [] }),

    DescribeStateMachineForExecution: ({ executionArn }) => {
      const { revision } = executions.get(requiredArn(executionArn));
      const { stateMachineArn, name, roleArn, text, updateDate, revisionId } = revision;
      return { stateMachineArn, name, roleArn, definition: text, updateDate, revisionId };
    },
  };
}

function requiredArn(arn: string | undefined): string {
  return required(arn, "executionArn", "ValidationException");
}

/** @throws AwsError ValidationException for a page larger than the API allows. */
export function pageSize(maxResults: number | undefined): number {
  if (maxResults === undefined || maxResults === 0) return PAGE_DEFAULT;
  if (maxResults >= 1 && maxResults <= PAGE_LIMIT) return maxResults;
  throw new AwsError("ValidationException", `Value ${maxResults} at 'maxResults' must be between 0 and ${PAGE_LIMIT}`);
}
