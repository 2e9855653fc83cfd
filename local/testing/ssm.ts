import type { SsmState } from "../ssm/model.ts";
import { createSsm } from "../ssm/ssm.ts";
import { FakeEc2 } from "./fake-ec2.ts";
import { ScriptedHosts } from "./scripted-hosts.ts";
import { client, recordingContext } from "./service-context.ts";
import { VirtualClock } from "./virtual-clock.ts";

export function createStage(restored?: SsmState) {
  const clock = new VirtualClock();
  const context = recordingContext(clock);
  const hosts = new ScriptedHosts();
  const ec2 = new FakeEc2();
  const ssm = createSsm(context, { hosts, ec2 }, restored);
  return { clock, context, hosts, ec2, ssm, aws: client(ssm.handlers) };
}
