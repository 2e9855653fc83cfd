import { expect, test } from "vitest";
import { parse } from "yaml";
import { planCluster } from "../../functions/domain/plan/plan.ts";
import { specFromFlags } from "../../functions/domain/spec/parse-spec.ts";
import { flags, THREE_ZONES } from "../../test/support/flags.ts";
import { renderPlan, renderRefusal } from "./render.ts";

function planned(given: Readonly<Record<string, string>>) {
  const parsed = specFromFlags(flags(given));
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return planCluster(parsed.spec);
}

test("a plan is drawn zone by zone, with what it survives", () => {
  const text = renderPlan(
    planned({ zones: "us-west-2a,us-west-2b", "master-zones": "us-west-2a", "node-count": "1" }),
    "table",
  );

  expect(text).toBe(`Cluster ha.example.com in us-west-2, Kubernetes 1.36.6 (supported until 2027-06-28)

┌───────────────────────┬────────────────────────┐
│ us-west-2a            │ us-west-2b             │
├───────────────────────┼────────────────────────┤
│ master a (t3.medium)  │ no master              │
│   172.20.0.10, 20 GiB │                        │
├───────────────────────┼────────────────────────┤
│ 1 node (t3.medium)    │ no node                │
├───────────────────────┼────────────────────────┤
│ public 172.20.0.0/17  │ public 172.20.128.0/17 │
└───────────────────────┴────────────────────────┘

The API does not survive the loss of its only master (which is replaced by itself); it survives the loss of us-west-2b, not of us-west-2a.

Network    cilium
Addresses  VPC 172.20.0.0/16, pods 100.96.0.0/11, services 100.64.0.0/13
Resources  1 VPC, 1 internet gateway, 2 subnets, 1 route table, 1 elastic IP, 2 security groups, 1 load balancer, 1 target group, 1 volume, 1 network interface, 2 launch templates, 2 auto scaling groups, 2 instances
USD/month   60.74  2 t3.medium instances
            16.96  212 GiB of gp3
            16.43  1 network load balancer
            14.60  4 public IPv4 addresses
             0.21  9 GiB of backups in S3, of 30 MiB each
             0.06  12 thousand writes of backups
             0.02  2 hours of drills, on t3.micro
           109.02  in all, by AWS's list prices of 2026-01-19; traffic comes on top
Versions   etcd 3.6.14, containerd 1.7 or newer, Helm 4.2.3, cloud controller 0.0.11, EBS driver 2.64.0, cilium 1.20.2, cloud controller image v1.36.1

Warning: losing us-west-2a loses the API: it holds the only master. A lost master is replaced by itself. Until then the API does not answer, and workloads on the nodes continue. Its data cannot leave the zone.
Warning: no node in us-west-2b: 1 node cannot reach all 2 zones
`);
});

test("zones that do not fit side by side are drawn below each other", () => {
  const text = renderPlan(planned({ zones: THREE_ZONES, "master-count": "3" }), "table", 60);

  expect(
    Math.max(
      ...text
        .split("\n")
        .filter((line) => /[│┌└├]/.test(line))
        .map((line) => line.length),
    ),
  ).toBeLessThan(60);
  expect(text).toContain("us-west-2c");
});

test("YAML and JSON say the same", () => {
  const cluster = planned({ zones: THREE_ZONES, networking: "weave" });

  const json: unknown = JSON.parse(renderPlan(cluster, "json"));
  expect(parse(renderPlan(cluster, "yaml"))).toEqual(json);
  expect(json).toMatchObject({
    plan: { network: { requested: "weave", used: "cilium" } },
    warnings: [/only master/, /weave/].map((pattern) => expect.stringMatching(pattern)),
  });
});

test("what is refused several times in the same words is one line", () => {
  const problems = ["a=b", "c=d"].map((value) => ({ flag: "--set", value, message: "--set: leave it out" }));

  expect(renderRefusal(problems, "table")).toBe("error: --set: leave it out\n");
  expect(JSON.parse(renderRefusal(problems, "json"))).toEqual({ problems });
});

test("a refusal is a line a problem, or one document", () => {
  const problems = [{ flag: "--master-count", value: "2", message: "--master-count: odd, please" }];

  expect(renderRefusal(problems, "table")).toBe("error: --master-count: odd, please\n");
  expect(JSON.parse(renderRefusal(problems, "json"))).toEqual({ problems });
});

test("a plan says when a master moves, and which one never could", () => {
  const given = { zones: THREE_ZONES, "master-zones": THREE_ZONES, "master-zone-fallback": "move" };

  expect(renderPlan(planned({ ...given, zones: `${THREE_ZONES},us-west-2d` }), "table")).toContain(
    "\nZone out   a master whose zone launches no instance for 30 min moves to another zone, if the others are healthy\n",
  );
  expect(renderPlan(planned(given), "table")).toContain(
    "\nWarning: master a, b, c will wait for its zone although it may move: no other zone could take it and be lost",
  );
});
