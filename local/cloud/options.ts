import type { Clock } from "../context/clock.ts";
import type { HostDriver } from "../hosts/driver.ts";
import type { AuthorizationRecord } from "../iam/authorization/authorization-record.ts";
import type { CallContext, CallInterceptor } from "../wire/contract.ts";
import type { CallRecord } from "../wire/server.ts";
import type { Internet } from "./internet.ts";
import type { Snapshot } from "./snapshot-file.ts";
import type { Timings } from "./timings.ts";

export interface LocalCloudOptions {
  /** Folder with the synthesized stack. */
  readonly cdkOut: string;
  readonly stackName?: string;
  /** Port of the API on 127.0.0.1; 0 means any that is free. */
  readonly port?: number;
  /** Port of the AWS endpoint; the API's plus one, or any with `port: 0`. */
  readonly awsPort?: number;
  /** Keeps state from run to run. Without it state lies in a temporary folder and goes with `close`. */
  readonly dataDirectory?: string;
  /**
   * Folder in which code is kept compiled, for all local clouds of this checkout; in the data directory if not given.
   */
  readonly compileCache?: string;
  readonly region?: string;
  /** 12 digits: another one than that of another local cloud on the same internet. */
  readonly accountId?: string;
  /** The organization that the account is in; none if not given. */
  readonly organizationId?: string;
  readonly log?: (line: string) => void;
  /**
   * What instances are: isolated hosts on this machine (`namespaces`, if not given), or a model of them (`simulated`).
   */
  readonly hosts?: HostKind | HostDriver;
  readonly clock?: Clock;
  /** 1 is real time, 0 switches schedules off. */
  readonly scheduleSpeed?: number;
  /** How many times faster workflows wait, in `Wait` states and before retries; their time-outs stay as they are. */
  readonly workflowSpeed?: number;
  /** Values of quotas of the account, by code; `L-B99A9384`, Lambda's concurrency, is 10 in a new one. */
  readonly quotas?: Readonly<Record<string, number>>;
  /** Whether calls above AWS's documented rates are throttled; `none` if not given. */
  readonly rateLimits?: "documented" | "none";
  /** Whether roles may do only what their policies allow; `enforced` if not given. */
  readonly iam?: "enforced" | "off";
  readonly account?: AccountOptions;
  /** Waits that are not to be the short ones; `awsTimings` has AWS's own. */
  readonly timings?: Timings;
  /** What local clouds have in common that are given the same one; without it this one is alone. */
  readonly internet?: Internet;
  /** How late EC2 and Auto Scaling learn of an instance profile, in milliseconds; AWS needs some seconds. */
  readonly iamPropagation?: number;
  /** Asked before every call; throws the service's own error to deny, to throttle or to inject a fault. */
  readonly authorize?: ServicesOptions["authorize"];
  readonly onCall?: (record: CallRecord) => void;
  /** Called with every decision of IAM about a role, with all that it was made from. */
  readonly onAuthorization?: (authorization: AuthorizationRecord) => void;
  /**
   * Parameters of the stack, where they differ from the defaults; tokens of the local issuer are taken if not said
   * otherwise.
   */
  readonly parameters?: Readonly<Record<string, string>>;
}

export type HostKind = "namespaces" | "simulated";

export interface ServicesOptions {
  readonly hosts: HostDriver;
  readonly restored: Snapshot;
  /** Folder in which functions find themselves compiled. */
  readonly compileCache: string;
  /** Folder in which S3's objects lie. */
  readonly objectDirectory: string;
  readonly awsEndpoint: () => string;
  readonly scheduleSpeed: number;
  readonly workflowSpeed: number;
  /** Asked before IAM is; throws to refuse a call. */
  readonly authorize: (call: CallContext, input: unknown) => void | Promise<void>;
  /** Whether roles may do only what their policies allow. */
  readonly iam: "enforced" | "off";
  /** How late EC2 and Auto Scaling learn of an instance profile, in milliseconds. */
  readonly iamPropagation: number;
  readonly account: AccountOptions;
  readonly timings: Timings;
  readonly internet: Internet;
  /** Called with every decision of IAM about a role. */
  readonly onAuthorization: ((authorization: AuthorizationRecord) => void) | undefined;
  /** Stands around every call that was authorized. */
  readonly intercept: CallInterceptor;
}

/** What an account and its Region are like. */
export interface AccountOptions {
  /** A default VPC with a subnet in each zone. Many organizations delete it, so there is none if not said otherwise. */
  readonly defaultVpc?: boolean;
  /**
   * Auto Scaling refuses groups that name zones and no subnets where there is no default VPC: AWS does not say whether
   * it does.
   */
  readonly zonesNeedDefaultVpc?: boolean;
}
