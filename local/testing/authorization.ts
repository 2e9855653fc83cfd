import { createAutoScaling } from "../autoscaling/autoscaling.ts";
import { createDynamoDb } from "../dynamodb/dynamodb.ts";
import { createEc2 } from "../ec2/create-ec2.ts";
import type { CloudState } from "../iam/authorization/cloud-state.ts";
import { createMappings } from "../iam/authorization/mappings.ts";
import { createIam } from "../iam/iam.ts";
import { Keys } from "../kms/keys.ts";
import { createSsm } from "../ssm/ssm.ts";
import { fakeHosts } from "./fake-hosts.ts";
import { client, recordingContext } from "./service-context.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Services with their state, and what IAM would check for a call to them. */
export function createStage() {
  const context = recordingContext(new VirtualClock());
  const hosts = fakeHosts();
  const iam = createIam(context);
  const ec2 = createEc2(context, { hosts, instanceRoles: iam.instanceRole });
  const autoScaling = createAutoScaling(context, { ec2 });
  const keys = new Keys();
  keys.add({ id: "k-1", arn: `arn:aws:kms:${context.region}:${context.accountId}:key/k-1` });
  keys.addAlias("alias/ours", "k-1");
  const ssm = createSsm(context, { hosts, ec2, keys });
  const dynamodb = createDynamoDb(context);
  const cloud: CloudState = {
    region: context.region,
    accountId: context.accountId,
    ec2: ec2.store,
    autoScaling: autoScaling.snapshot,
    elbV2: () => ({ balancers: {}, groups: {}, listeners: {}, releasing: [] }),
    ssm: ssm.snapshot,
    iam: iam.snapshot,
    kmsKey: keys.arnOf,
    dynamoDbKey: dynamodb.keyOf,
    s3: { encryptionOf: () => undefined, objectOf: () => undefined },
  };
  const mappings = createMappings(cloud);
  const demandsOf = (service: string, operation: string, input: object) => mappings.get(service)?.(operation, input);
  return {
    context,
    iam,
    cloud,
    mappings,
    demandsOf,
    /** `action resource`, one line a demand. */
    checks: (service: string, operation: string, input: object) =>
      demandsOf(service, operation, input)?.map(({ action, resource }) => `${action} ${resource}`),
    ec2: client(ec2.handlers),
    aws: { iam: client(iam.handlers), ssm: client(ssm.handlers) },
    dynamodb,
  };
}
