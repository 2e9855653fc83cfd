import { setTimeout as delay } from "node:timers/promises";
import { DescribeInstancesCommand, EC2Client, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ApiClient } from "../client/api-client.ts";
import { apiTarget } from "../client/api-target.ts";
import {
  type ClusterView,
  ClusterViewSchema,
  EventViewSchema,
  type OperationView,
  OperationViewSchema,
} from "../functions/domain/api/views.ts";
import type { LocalCloud } from "../local/cloud.ts";

const ZONES = ["us-west-2a", "us-west-2b", "us-west-2c"];
/** The first example of kops's HA guide as the request that the command line makes of it. */
const GUIDE_SPEC = {
  nodeCount: 3,
  zones: ZONES,
  masterZones: ZONES,
  nodeSize: "t2.medium",
  masterSize: "t2.medium",
  topology: "private",
  networking: "kopeio-vxlan",
};

/** Rare enough that the asking costs little of the two cores that are being measured. */
const POLL_MS = 100;
const LIMIT_MS = 120_000;

/** Milliseconds from the request to what a step proved. */
export interface CreateTimes {
  readonly quorumVerified: number;
  readonly apiVerified: number;
  readonly active: number;
}

/** Milliseconds from `TerminateInstances` to each stage; every stage follows the one before. */
export interface RepairTimes {
  /** The operation has taken the cluster, woken by the first event. */
  readonly detected: number;
  /** EC2 says `terminated`: the host's own shutdown. */
  readonly terminated: number;
  /** The group has a new instance and EC2 says `running`. */
  readonly running: number;
  readonly attached: number;
  readonly memberHealthy: number;
  readonly quorumVerified: number;
  /** The cluster is ACTIVE with every member healthy, as a client sees it. */
  readonly whole: number;
}

/** A user of one local cloud who creates clusters, breaks them and looks on. */
export class Observer {
  readonly #api: ApiClient;
  readonly #ec2: EC2Client;
  readonly #elb: ElasticLoadBalancingV2Client;
  readonly #limitMs: number;
  readonly #image: string | undefined;
  /** Called with each operation's steps, and when it was asked for in epoch milliseconds. */
  onSteps?: (steps: OperationView["steps"], since: number) => void;

  constructor(
    { endpoints }: LocalCloud,
    { limitMs = LIMIT_MS, image }: { limitMs?: number; image?: string | undefined } = {},
  ) {
    this.#limitMs = limitMs;
    this.#image = image;
    this.#api = new ApiClient(apiTarget({ HOLDFAST_API: endpoints.api }));
    const client = {
      endpoint: endpoints.aws,
      region: endpoints.region,
      credentials: { accessKeyId: "holdfast", secretAccessKey: "holdfast" },
    };
    this.#ec2 = new EC2Client(client);
    this.#elb = new ElasticLoadBalancingV2Client(client);
  }

  /** Throws if the cluster is not ACTIVE in the end. */
  async create(name: string): Promise<CreateTimes> {
    const requested = Date.now();
    const { id } = await this.#api.post(
      "/clusters",
      { spec: { name, ...GUIDE_SPEC, ...(this.#image && { image: this.#image }) } },
      OperationViewSchema,
    );
    const operation = await this.#finished(id);
    this.onSteps?.(operation.steps, requested);
    return {
      quorumVerified: doneAt(operation, "Verify quorum") - requested,
      apiVerified: doneAt(operation, "Finish control plane") - requested,
      active: Date.parse(operation.finishedAt ?? "") - requested,
    };
  }

  /** Terminates the leader's instance, and waits until the cluster is whole on another one. */
  async repair(name: string): Promise<RepairTimes> {
    const { instanceId: lostInstance, address } = await this.victim(name);
    const since = Date.now();
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: [lostInstance] }));
    const [terminated, running, whole] = await Promise.all([
      this.#reaches(name, "terminated", (id) => id === lostInstance),
      this.#reaches(name, "running", (id, at) => id !== lostInstance && at === address),
      this.#whole(name, lostInstance),
    ]);
    const operations = await this.#api.list(`/clusters/${name}/operations`, OperationViewSchema);
    // Several events may each have started one; one of them did the work.
    const repair = operations.find(
      ({ kind, startedAt, steps }) =>
        kind === "repair" && Date.parse(startedAt) >= since && steps.some(({ name }) => name === "Await member"),
    );
    if (!repair) throw new Error(`no repair of ${name} was recorded`);
    const events = await this.#api.list(`/clusters/${name}/events`, EventViewSchema);
    const seen = events.find(({ type, operation }) => type === "master-lost" && operation === repair.id);
    const from = (time: number): number => time - since;
    this.onSteps?.(repair.steps, since);
    return {
      detected: from(Date.parse(seen?.time ?? repair.startedAt)),
      terminated: from(terminated),
      running: from(running),
      attached: from(doneAt(repair, "Attach volume")),
      memberHealthy: from(doneAt(repair, "Await member")),
      quorumVerified: from(doneAt(repair, "Assess cluster")),
      whole: from(whole),
    };
  }

  /**
   * Epoch milliseconds at which the load balancer sends requests to the member on another instance than the one that
   * was lost.
   */
  async serves(name: string, address: string, lostInstance: string): Promise<number> {
    await this.#reaches(name, "running", (id, at) => id !== lostInstance && at === address);
    const { TargetGroups: all = [] } = await this.#elb.send(new DescribeTargetGroupsCommand({}));
    // Clusters have equal addresses; their target groups begin with their names.
    const prefix = `hf-${name.replaceAll(".", "-").slice(0, 18)}`;
    const TargetGroups = all.filter(({ TargetGroupName = "" }) => TargetGroupName.startsWith(prefix));
    await this.#until(
      async () => {
        const answers = TargetGroups.map(({ TargetGroupArn }) =>
          this.#elb.send(new DescribeTargetHealthCommand({ TargetGroupArn })),
        );
        return (await Promise.all(answers)).flatMap(({ TargetHealthDescriptions = [] }) => TargetHealthDescriptions);
      },
      (targets) =>
        targets.some(({ Target, TargetHealth }) => Target?.Id === address && TargetHealth?.State === "healthy"),
    );
    return Date.now();
  }

  /** A member whose instance may be ended: the leader, or the first. */
  async victim(name: string): Promise<{ readonly instanceId: string; readonly address: string }> {
    const { members, quorum } = await this.#cluster(name);
    const lost = members.find((member) => member.name === quorum.leader) ?? members[0];
    if (!lost?.instanceId) throw new Error(`${name} has no master to lose`);
    return { instanceId: lost.instanceId, address: lost.address };
  }

  /** A master's instance. */
  async instanceOf(name: string): Promise<string> {
    const { members } = await this.#cluster(name);
    return members[0]?.instanceId ?? "";
  }

  #cluster(name: string): Promise<ClusterView> {
    return this.#api.get(`/clusters/${name}`, ClusterViewSchema);
  }

  async #finished(id: string): Promise<OperationView> {
    const operation = await this.#until(
      () => this.#api.get(`/operations/${id}`, OperationViewSchema),
      ({ status }) => status !== "RUNNING",
    );
    if (operation.status === "FAILED") throw new Error(`${id} failed: ${operation.error?.message}`);
    return operation;
  }

  async #whole(name: string, lostInstance: string): Promise<number> {
    await this.#until(
      () => this.#cluster(name),
      ({ status, members }) =>
        status === "ACTIVE" &&
        members.every(({ health, instanceId }) => health === "healthy" && instanceId !== lostInstance),
    );
    return Date.now();
  }

  /** Epoch milliseconds at which an instance of the cluster was seen in a state. */
  async #reaches(cluster: string, state: string, isMeant: (id: string, address: string) => boolean): Promise<number> {
    await this.#until(
      async () => {
        const Filters = [
          { Name: "instance-state-name", Values: [state] },
          { Name: "tag:holdfast:cluster", Values: [cluster] },
        ];
        const { Reservations = [] } = await this.#ec2.send(new DescribeInstancesCommand({ Filters }));
        return Reservations.flatMap(({ Instances = [] }) => Instances);
      },
      (found) => found.some(({ InstanceId = "", PrivateIpAddress = "" }) => isMeant(InstanceId, PrivateIpAddress)),
    );
    return Date.now();
  }

  async #until<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
    const deadline = Date.now() + this.#limitMs;
    for (;;) {
      const answer = await ask();
      if (holds(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`not within ${this.#limitMs} ms: ${JSON.stringify(answer)}`);
      await delay(POLL_MS);
    }
  }
}

/** When the last step of that name was done, in epoch milliseconds. */
function doneAt({ id, steps }: OperationView, name: string): number {
  const ends = steps.flatMap((step) => (step.name === name && step.finishedAt ? [Date.parse(step.finishedAt)] : []));
  if (ends.length === 0) throw new Error(`operation ${id} has no finished step "${name}"`);
  return Math.max(...ends);
}
