import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Alarm, MathExpression, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";

export interface RequestAlarmsProps {
  readonly api: HttpApi;
  /** Machines that execute what somebody asked for. An alarm takes ten metrics, so five machines are the most. */
  readonly asked: readonly StateMachine[];
}

/** Five-minute periods: one answer of these may be chance, five are not. */
const SERVER_ERRORS = 5;

/** Alarms on what people asked for and did not get; what they mean for a person on call is in docs/runbooks. */
export class RequestAlarms extends Construct {
  constructor(scope: Construct, id: string, { api, asked }: RequestAlarmsProps) {
    super(scope, id);
    const period = Duration.minutes(5);
    const endings = asked.flatMap((machine, index) => [
      [`failed${index}`, machine.metricFailed({ period })] as const,
      [`late${index}`, machine.metricTimedOut({ period })] as const,
    ]);
    new Alarm(this, "OperationFailedAlarm", {
      alarmDescription: "Something that was asked for was not executed; docs/runbooks/failed-operation.md",
      metric: new MathExpression({
        expression: endings.map(([name]) => `FILL(${name}, 0)`).join(" + "),
        usingMetrics: Object.fromEntries(endings),
        label: "Operations that failed",
        period,
      }),
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    new Alarm(this, "ApiErrorsAlarm", {
      alarmDescription: "The API answers that it is broken; docs/runbooks/api-errors.md",
      metric: api.metricServerError({ period, statistic: "Sum" }),
      threshold: SERVER_ERRORS,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
