import type { Image, Instance, InstanceStateName, RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { Ec2Service, InstanceStateChange } from "../ec2/contract.ts";
import { AwsError } from "../wire/contract.ts";

interface FakeInstance {
  readonly id: string;
  readonly zone: string;
  readonly subnetId: string;
  readonly address: string;
  readonly tags: { Key: string; Value: string }[];
  state: InstanceStateName;
  impaired: boolean;
}

const SUBNETS = new Map([
  ["subnet-a", "us-west-2a"],
  ["subnet-b", "us-west-2b"],
  ["subnet-c", "us-west-2c"],
  ["subnet-a2", "us-west-2a"],
]);

/** Just enough of EC2 to test what stands on it. Nothing happens by itself: a test moves instances with `setState`. */
export class FakeEc2 implements Ec2Service {
  readonly instances = new Map<string, FakeInstance>();
  readonly runRequests: RunInstancesCommandInput[] = [];
  readonly managedInterfaces = new Map<string, string>();
  /** Of subnets that are nearly full. */
  readonly freeAddresses = new Map<string, number>();
  images: Image[] = [];
  /** Launch templates by id: the existing interface that they name, if any. */
  readonly templates = new Map<string, { interfaceId?: string }>([["lt-plain", {}]]);
  /** While set, RunInstances and TerminateInstances fail with it. */
  failure: AwsError | undefined;
  readonly #listeners: ((change: InstanceStateChange) => void)[] = [];
  #last = 0;

  readonly handlers: Ec2Service["handlers"] = {
    RunInstances: async (input) => {
      this.runRequests.push(input);
      if (this.failure) throw this.failure;
      const instance = this.#create(input);
      return { Instances: [view(instance)] };
    },
    TerminateInstances: async (input) => {
      if (this.failure) throw this.failure;
      for (const id of input.InstanceIds ?? []) {
        if (this.#get(id).state !== "terminated") this.setState(id, "shutting-down");
      }
      return {};
    },
    DescribeInstances: async (input) => {
      const ids = input.InstanceIds ?? input.Filters?.find(({ Name }) => Name === "instance-id")?.Values;
      const tagged = input.Filters?.find(({ Name }) => Name?.startsWith("tag:"));
      const wanted = [...this.instances.values()]
        .filter(({ id }) => !ids || ids.includes(id))
        .filter(
          ({ tags }) =>
            !tagged || tags.some((tag) => `tag:${tag.Key}` === tagged.Name && tagged.Values?.includes(tag.Value)),
        );
      return { Reservations: wanted.map((instance) => ({ Instances: [view(instance)] })) };
    },
    DescribeInstanceStatus: async (input) => ({
      InstanceStatuses: (input.InstanceIds ?? []).map((id) => ({
        InstanceId: id,
        InstanceStatus: { Status: this.#get(id).impaired ? "impaired" : "ok" },
        SystemStatus: { Status: "ok" },
      })),
    }),
    DescribeSubnets: async (input) => ({
      Subnets: (input.SubnetIds ?? []).map((id) => {
        const zone = SUBNETS.get(id);
        if (!zone) throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
        const AvailableIpAddressCount = this.freeAddresses.get(id) ?? 250;
        return { SubnetId: id, AvailabilityZone: zone, VpcId: "vpc-1", AvailableIpAddressCount };
      }),
    }),
    DescribeLaunchTemplateVersions: async (input) => {
      const id = input.LaunchTemplateId ?? input.LaunchTemplateName ?? "";
      const template = this.templates.get(id);
      if (!template)
        throw new AwsError("InvalidLaunchTemplateId.NotFound", "The specified launch template does not exist.");
      const interfaces = template.interfaceId ? [{ DeviceIndex: 0, NetworkInterfaceId: template.interfaceId }] : [];
      return {
        LaunchTemplateVersions: [
          {
            LaunchTemplateId: id,
            LaunchTemplateName: `${id}-name`,
            LaunchTemplateData: { NetworkInterfaces: interfaces },
          },
        ],
      };
    },
    DescribeImages: async () => ({ Images: this.images }),
  };

  onInstanceState(listener: (change: InstanceStateChange) => void): void {
    this.#listeners.push(listener);
  }

  /** Moves an instance to a state, as EC2 would after a while. */
  setState(id: string, state: InstanceStateName): void {
    const instance = this.#get(id);
    const previous = instance.state;
    instance.state = state;
    for (const listener of this.#listeners) listener({ instanceId: id, state, previous });
  }

  /** Adds a running instance that no service launched. */
  add(subnetId = "subnet-a"): string {
    const { id } = this.#create({ SubnetId: subnetId, MinCount: 1, MaxCount: 1 });
    this.setState(id, "running");
    return id;
  }

  createManagedInterface(request: { subnetId: string; description: string }) {
    const networkInterfaceId = `eni-managed-${this.managedInterfaces.size + 1}`;
    this.managedInterfaces.set(networkInterfaceId, request.description);
    return { networkInterfaceId, privateIpAddress: `10.0.9.${this.managedInterfaces.size}` };
  }

  deleteManagedInterface(networkInterfaceId: string): void {
    this.managedInterfaces.delete(networkInterfaceId);
  }

  balancerClients(): readonly string[] {
    return [];
  }

  vpcOf(subnetId: string): string {
    if (!SUBNETS.has(subnetId))
      throw new AwsError("InvalidSubnetID.NotFound", `The subnet ID '${subnetId}' does not exist`);
    return "vpc-1";
  }

  /** Addresses of instances that are there, and 10.0.A.x of the A-th zone. */
  zoneOf(_vpcId: string, address: string): string | undefined {
    const known = [...this.instances.values()].find((instance) => instance.address === address);
    return known?.zone ?? [...SUBNETS.values()][Number(address.split(".")[2])];
  }

  #create(input: RunInstancesCommandInput): FakeInstance {
    this.#last += 1;
    const subnetId = input.SubnetId ?? "subnet-a";
    const instance: FakeInstance = {
      id: `i-${this.#last}`,
      zone: input.Placement?.AvailabilityZone ?? SUBNETS.get(subnetId) ?? "us-west-2a",
      subnetId,
      address: `10.0.0.${this.#last}`,
      tags: (input.TagSpecifications?.[0]?.Tags ?? []).map(({ Key = "", Value = "" }) => ({ Key, Value })),
      state: "pending",
      impaired: false,
    };
    this.instances.set(instance.id, instance);
    return instance;
  }

  #get(id: string): FakeInstance {
    const instance = this.instances.get(id);
    if (!instance) throw new AwsError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
    return instance;
  }
}

function view(instance: FakeInstance): Instance {
  return {
    InstanceId: instance.id,
    InstanceType: "t3.medium",
    ImageId: "ami-1",
    SubnetId: instance.subnetId,
    VpcId: "vpc-1",
    PrivateIpAddress: instance.address,
    Placement: { AvailabilityZone: instance.zone },
    State: { Name: instance.state },
    Tags: instance.tags,
  };
}
