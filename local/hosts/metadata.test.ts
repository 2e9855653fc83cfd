import { afterAll, beforeAll, expect, test } from "vitest";
import { hostSpec, startTestHosts, type TestHosts } from "../testing/test-hosts.ts";

const host = hostSpec(41, { userData: "#!/bin/bash\ntrue\n" });
let testHosts: TestHosts;
beforeAll(async () => {
  testHosts = await startTestHosts();
  await Promise.all([testHosts.driver.launch(host), testHosts.driver.launch(hostSpec(42))]);
});
afterAll(async () => await testHosts.close());

const base = "http://169.254.169.254/latest";
const withToken = `token=$(curl -sS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${base}/api/token)
get() { curl -sS -f -H "X-aws-ec2-metadata-token: $token" "${base}/$1"; echo; }`;

test("the metadata service refuses a read without a token", async () => {
  const status = await testHosts.sh(
    host.instanceId,
    `curl -sS -o /dev/null -w '%{http_code}' ${base}/meta-data/instance-id`,
  );

  expect(status).toBe("401");
});

test("with a token the metadata service says who the caller is", async () => {
  const output = await testHosts.sh(
    host.instanceId,
    `${withToken}; get meta-data/instance-id; get meta-data/placement/availability-zone; get meta-data/local-ipv4
     get meta-data/tags/instance/Name; get meta-data/placement/; get user-data`,
  );

  expect(output).toBe(
    `${host.instanceId}\nus-west-2a\n172.20.0.41\nhost-41\navailability-zone\nregion\n#!/bin/bash\ntrue`,
  );
});

test("with a token the metadata service gives the keys of the instance profile's role", async () => {
  const output = await testHosts.sh(
    host.instanceId,
    `${withToken}; get meta-data/iam/security-credentials/; get meta-data/iam/security-credentials/masters`,
  );
  const [role, ...document] = output.split("\n");

  expect(role).toBe("masters");
  expect(JSON.parse(document.join("\n"))).toMatchObject({
    Code: "Success",
    AccessKeyId: "ASIAEXAMPLE",
    SecretAccessKey: "secret",
    Token: "token",
    Expiration: "2030-01-01T00:00:00Z",
  });
});

test("a token of one host is worth nothing on another", async () => {
  const token = await testHosts.sh(host.instanceId, `${withToken}; echo $token`);

  const status = await testHosts.sh(
    hostSpec(42).instanceId,
    `curl -sS -o /dev/null -w '%{http_code}' -H 'X-aws-ec2-metadata-token: ${token}' ${base}/meta-data/instance-id`,
  );

  expect(status).toBe("401");
});

test("AWS calls of a host reach the controller's endpoint", async () => {
  expect(await testHosts.sh(host.instanceId, "curl -sS $AWS_ENDPOINT_URL/some/call")).toBe(
    "aws answered GET /some/call",
  );
});
