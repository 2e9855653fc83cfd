import { setTimeout as delay } from "node:timers/promises";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAMClient } from "@aws-sdk/client-iam";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";
import { ApiClient } from "../../client/api-client.ts";
import { apiTarget } from "../../client/api-target.ts";
import type { Result, RunState } from "./state.ts";

/** AWS as the SDK finds it: credentials, and `AWS_ENDPOINT_URL` for the local cloud, from the environment. */
export function clientsFor(region: string) {
  return {
    autoScaling: new AutoScalingClient({ region }),
    ec2: new EC2Client({ region }),
    elb: new ElasticLoadBalancingV2Client({ region }),
    iam: new IAMClient({ region }),
    quotas: new ServiceQuotasClient({ region }),
    ssm: new SSMClient({ region }),
    sts: new STSClient({ region }),
  };
}

/** What checks work with. `state` is what is stored; `save` changes it, in memory and on disk. */
export interface Tools {
  readonly aws: ReturnType<typeof clientsFor>;
  readonly state: RunState;
  save(change: Partial<RunState>): Promise<void>;
  /** Aborted when nothing new is to be begun. */
  readonly signal: AbortSignal;
  say(line: string): void;
}

export type Outcome = Pick<Result, "status" | "message" | "evidence">;

export function passed(message: string, evidence: Outcome["evidence"] = {}): Outcome {
  return { status: "passed", message, evidence };
}

export function failed(message: string, evidence: Outcome["evidence"] = {}): Outcome {
  return { status: "failed", message, evidence };
}

export function skipped(message: string, evidence: Outcome["evidence"] = {}): Outcome {
  return { status: "skipped", message, evidence };
}

/** What must be known of a run to ask Holdfast for its clusters. */
export interface RunApi {
  readonly state: Pick<RunState, "run" | "region" | "api">;
}

/** The API of the run. Throws an Error before it is known. */
export function apiOf({ state }: RunApi): ApiClient {
  if (state.api === null) throw new Error("the address of Holdfast's API is not known");
  return new ApiClient(apiTarget({ ...process.env, HOLDFAST_API: state.api, AWS_REGION: state.region }));
}

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

/** Asks, more and more slowly, until there is an answer. Throws an Error after `minutes`, or when the run is stopped. */
export async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  { what, minutes, signal }: { what: string; minutes: number; signal?: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + minutes * 60_000;
  for (let pause = FIRST_PAUSE_MS; Date.now() < deadline; pause = Math.min(pause * 1.3, MAX_PAUSE_MS)) {
    signal?.throwIfAborted();
    const answer = await ask();
    if (answer !== undefined) return answer;
    await delay(pause, undefined, signal ? { signal } : {});
  }
  throw new Error(`${what}: not within ${minutes} minutes`);
}
