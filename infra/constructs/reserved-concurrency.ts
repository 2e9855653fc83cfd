import { Aws, CfnCondition, CfnParameter, Fn, Token } from "aws-cdk-lib";
import { CfnFunction, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

/** No second reconcile run runs beside the first, but for the moment in which one ends. */
const RECONCILER_CONCURRENCY = 2;

export interface ReservedConcurrencyProps {
  /** Functions that answer requests. */
  readonly answering: Iterable<LambdaFunction>;
  readonly reconcile: LambdaFunction;
}

/**
 * Reserves concurrency for the API and the reconciler. None by default: a reservation is also a limit, and AWS requires
 * a hundred unreserved executions, which a new account does not have.
 */
export class ReservedConcurrency extends Construct {
  constructor(scope: Construct, id: string, { answering, reconcile }: ReservedConcurrencyProps) {
    super(scope, id);
    const parameter = new CfnParameter(this, "ReservedConcurrency", {
      type: "Number",
      default: 0,
      minValue: 0,
      description:
        "Executions reserved for each function of the API, and 2 for the reconciler (docs/quotas-and-cost.md); 0: none",
    });
    parameter.overrideLogicalId("ReservedConcurrency");
    const wanted = new CfnCondition(this, "Reserves", {
      expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, "0")),
    });
    const reserve = ({ node: { defaultChild } }: LambdaFunction, number: unknown): void => {
      if (!(defaultChild instanceof CfnFunction)) return;
      defaultChild.reservedConcurrentExecutions = Token.asNumber(
        Fn.conditionIf(wanted.logicalId, number, Aws.NO_VALUE),
      );
    };
    for (const each of answering) reserve(each, parameter.valueAsNumber);
    reserve(reconcile, RECONCILER_CONCURRENCY);
  }
}
