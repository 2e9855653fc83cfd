import type { SsmState } from "../../../local/ssm/model.ts";
import { createSsm } from "../../../local/ssm/ssm.ts";
import { FakeEc2 } from "../../support/fake-ec2.ts";
import { ScriptedHosts } from "../../support/scripted-hosts.ts";
import { client, recordingContext } from "../../support/service-context.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

export function createStage(restored?: SsmState) {
  const clock = new VirtualClock();
  const context = recordingContext(clock);
  const hosts = new ScriptedHosts();
  const ec2 = new FakeEc2();
  const ssm = createSsm(context, { hosts, ec2 }, restored);
  return { clock, context, hosts, ec2, ssm, aws: client(ssm.handlers) };
}
