import { type AutoScalingTimings, awsTimings as autoScaling } from "../autoscaling/timings.ts";
import type { Clock } from "../context/clock.ts";
import { type Ec2Timings, awsTimings as ec2 } from "../ec2/timings.ts";
import { type ElbTimings, awsTimings as elbV2 } from "../elbv2/timings.ts";
import { type HostTimings, awsTimings as hosts } from "../hosts/timings.ts";
import type { CallContext, CallInterceptor } from "../wire/contract.ts";

/** How long the services take for what they do, in milliseconds, where that differs from the local cloud's short waits. */
export interface Timings {
  readonly ec2?: Partial<Ec2Timings>;
  readonly autoScaling?: Partial<AutoScalingTimings>;
  readonly elbV2?: Partial<ElbTimings>;
  readonly hosts?: HostTimings;
  /** How late EC2 and Auto Scaling learn of an instance profile. */
  readonly iamPropagation?: number;
  /** From an event to its rule's target. */
  readonly eventDelivery?: number;
  /** From SendCommand to the script's start on the host. */
  readonly commandDelivery?: number;
  /** The shortest time that a new environment of a function takes. */
  readonly lambdaColdStart?: number;
  /** From one state of a workflow to the next. */
  readonly stepTransition?: number;
  /** How long a change of a hosted zone is PENDING. */
  readonly dnsChange?: number;
  /** What a second of the interval of a Route 53 health check takes. */
  readonly dnsCheckSecond?: number;
  /** What a call takes beyond the work of this machine. */
  readonly call?: (call: CallContext) => number;
}

/** `--timings aws`: what AWS documents, or what people measured. The source, or that it is assumed, stands beside each. */
export const awsTimings: Required<Timings> = {
  ec2,
  autoScaling,
  elbV2,
  hosts,
  // "In testing, this time is typically 5-10 seconds": github.com/hashicorp/terraform/pull/2037.
  iamPropagation: 10_000,
  // "About half a second" on average (aws.amazon.com/eventbridge/faqs), and EC2's own time until it emits the event.
  eventDelivery: 1_500,
  // The agent holds a connection open; it starts a worker for each document: github.com/aws/amazon-ssm-agent.
  commandDelivery: 2_000,
  // "From under 100 ms to over 1 second": docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html.
  lambdaColdStart: 800,
  // Standard workflows store each transition; docs.aws.amazon.com/step-functions names no figure, people see 20 to 100 ms.
  stepTransition: 75,
  // "Usually within 60 seconds": docs/references/aws.md#route53.
  dnsChange: 60_000,
  // The interval itself, of 10 or 30 s: docs/references/aws.md#route53-health-checks.
  dnsCheckSecond: 1_000,
  call: awsCallTime,
};

/**
 * A call within a Region. DynamoDB answers in "single-digit milliseconds" (aws.amazon.com/dynamodb); EC2 needs longest, and
 * RunInstances 1.5 s (daemonology.net/blog/2021-08-12-EC2-boot-time-benchmarking.html), which `powerOn` includes.
 */
function awsCallTime({ service, operation }: CallContext): number {
  if (service === "dynamodb") return 8;
  if (service !== "ec2" && service !== "autoscaling" && service !== "elasticloadbalancing") return 50;
  return operation.startsWith("Describe") ? 150 : 400;
}

/** Lets each call take its time before it does anything. */
export function delayCalls(clock: Clock, time: (call: CallContext) => number): CallInterceptor {
  return async (call, _input, next) => {
    await clock.sleep(time(call));
    return await next();
  };
}
