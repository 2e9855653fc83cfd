import { DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import { CreateLoadBalancerCommand, DeleteLoadBalancerCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { RolloutViewSchema } from "../../../../functions/domain/api/rollout-views.ts";
import { findCluster } from "../../../../functions/store/clusters.ts";
import type { Account } from "../account.ts";
import { hideOffers } from "./creation.ts";
import { createSmall, expectStatus, MAIN, type PermissionsFlow, remove } from "./flow.ts";

const PAIR = ["blue.example.com", "green.example.com"];

/** As the clock does each minute, until the newest look finds it so. */
async function tickUntil(account: Account, id: string, ...states: readonly string[]): Promise<string> {
  let state = "";
  await account.until(`roll-out ${id} to be ${states.join(" or ")}`, async () => {
    await account.invoke("tickrollouts", {});
    const { body } = await account.ask("GET", `/rollouts/${id}`);
    state = RolloutViewSchema.parse(body).state;
    return states.includes(state);
  });
  return state;
}

async function beginRollout(account: Account, body: object, headers = {}): Promise<string> {
  const answer = await account.ask("POST", "/fleets/all/rollouts", body, headers);
  if (answer.status !== 202) throw new Error(`answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return RolloutViewSchema.parse(answer.body).id;
}

/** As the Kubernetes of a cluster makes it for a service; answers with its ARN. */
async function makeIngress(account: Account, cluster: string): Promise<string> {
  const { network } = (await findCluster(account.table, cluster)) ?? {};
  const Filters = [{ Name: "vpc-id", Values: [network?.vpcId ?? ""] }];
  const { Subnets = [] } = await account.ec2.send(new DescribeSubnetsCommand({ Filters }));
  const [subnet] = Subnets.map(({ SubnetId = "" }) => SubnetId);
  const { LoadBalancers = [] } = await account.elb.send(
    new CreateLoadBalancerCommand({
      Name: `web-${cluster.split(".")[0]}`,
      Type: "network",
      Subnets: [subnet ?? ""],
      Tags: [
        { Key: "kubernetes.io/service-name", Value: "shop/web" },
        { Key: `kubernetes.io/cluster/${cluster}`, Value: "owned" },
      ],
    }),
  );
  return LoadBalancers[0]?.LoadBalancerArn ?? "";
}

const DNS = { host: "app.example.com", policy: "failover", check: "tcp:443" };

/** Several clusters as one: their roll-outs, and their public name. */
export const FLEETS: readonly PermissionsFlow[] = [
  {
    name: "a fleet is made, rolled out and deleted",
    async run(account) {
      await expectStatus(account.ask("POST", "/fleets", { name: "all", clusters: [MAIN] }), 201);
      await expectStatus(account.ask("PATCH", "/fleets/all", { policy: { masters: { minimum: 1 } } }), 200);
      await expectStatus(account.ask("GET", "/fleets"), 200);
      const labels = { change: { labels: { env: "prod" } } };
      await expectStatus(account.ask("POST", "/fleets/all/rollouts/plan", labels), 200);
      const gate = { stages: [{ name: "gated", before: [{ gate: "approval" }] }] };
      const id = await beginRollout(account, { ...labels, strategy: gate }, { "idempotency-key": "once" });
      await tickUntil(account, id, "waiting-approval");
      await expectStatus(account.ask("PATCH", `/rollouts/${id}`, { action: "approve", stage: "gated" }), 200);
      await tickUntil(account, id, "done");

      // A change that the cluster's flow executes, while the account hides what its zones offer.
      await hideOffers(account, "tickrollouts");
      const change = await beginRollout(account, { change: { nodeCount: 2 } });
      const state = await tickUntil(account, change, "done", "stopped");
      await account.cloud.faults.end();
      if (state === "stopped") {
        await expectStatus(account.ask("PATCH", `/rollouts/${change}`, { action: "retry" }), 200);
        await tickUntil(account, change, "done");
      }
      const { body } = await account.ask("PATCH", `/rollouts/${change}`, { action: "rollback" });
      await tickUntil(account, RolloutViewSchema.parse(body).id, "done");
      await account.untilStatus(MAIN, "ACTIVE");
      await expectStatus(account.ask("GET", "/fleets/all/rollouts"), 200);
      await expectStatus(account.ask("DELETE", "/fleets/all"), 200);
    },
  },
  {
    name: "a fleet gets its public name, and its clusters are deleted",
    async run(account) {
      await Promise.all(PAIR.map((name) => createSmall(account, name)));
      const ingresses = await Promise.all(PAIR.map((name) => makeIngress(account, name)));
      await expectStatus(account.ask("POST", "/fleets", { name: "pair", clusters: PAIR }), 201);
      await expectStatus(account.ask("POST", "/fleets/pair/dns", { ...DNS, dryRun: true }), 200);
      await expectStatus(account.ask("POST", "/fleets/pair/dns", DNS), 200);
      await expectStatus(account.ask("GET", "/fleets/pair/dns"), 200);
      await expectStatus(account.ask("GET", `/clusters/${PAIR[0]}/ingresses`), 200);
      await expectStatus(account.ask("GET", "/endpoints"), 200);
      await expectStatus(account.ask("DELETE", "/fleets/pair/dns"), 200);
      // The function ends before it has made all checks: the deletion of a cluster makes the others, and takes them away.
      await account.fault({ kind: "lambda", action: "crash-after-call", function: "fleetdns", operation: "PutItem" });
      await account.ask("POST", "/fleets/pair/dns", DNS);
      await account.cloud.faults.end();
      // The name leads to the other cluster at first, and then nowhere: it goes with the last one.
      for (const LoadBalancerArn of ingresses)
        await account.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
      for (const name of PAIR) await remove(account, name);
      await expectStatus(account.ask("GET", "/fleets/pair/dns"), 404);
      await expectStatus(account.ask("DELETE", "/fleets/pair"), 200);
    },
  },
];
