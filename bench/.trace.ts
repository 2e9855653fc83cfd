import { mkdtemp } from "node:fs/promises";
import { buildIfStale } from "../local/cloud/build-if-stale.ts";
import { startLocalCloud } from "../local/cloud.ts";
import { createNamespaceDriver } from "../local/hosts/namespace-driver.ts";
import { Observer } from "./holdfast.ts";

const { cdkOut } = await buildIfStale(console.error);
const calls: any[] = [];
let t0 = 0;
const dir = await mkdtemp("/tmp/trace-");
const driver = (await createNamespaceDriver({
  directory: dir + "/hosts",
  awsSocket: dir + "/aws.sock",
  log: () => {},
})) as any;
const wrap = (name: string) => {
  const f = driver[name].bind(driver);
  driver[name] = async (...a: any[]) => {
    const s = Date.now();
    try {
      return await f(...a);
    } finally {
      if (t0 && name !== "probe")
        console.log(
          `  driver ${name} ${String(a[0]?.instanceId ?? a[0]).slice(0, 12)} ${a[1] ?? ""} ${s - t0} +${Date.now() - s}`.slice(
            0,
            150,
          ),
        );
    }
  };
};
for (const n of [
  "launch",
  "shutdown",
  "destroy",
  "attachVolume",
  "detachVolume",
  "createVolume",
  "run",
  "putLoadBalancer",
])
  wrap(n);
const cloud = await startLocalCloud({
  cdkOut,
  port: 0,
  dataDirectory: dir,
  hosts: driver,
  log: () => {},
  onCall: (r) => {
    calls.push(r);
  },
});
const o = new Observer(cloud);
try {
  await o.create("x1.example.com");
  for (let i = 0; i < 2; i++) {
    t0 = Date.now();
    const r = await o.repair("x1.example.com");
    console.log(JSON.stringify(r.times));
    for (const st of r.steps)
      console.log(
        "  ",
        st.name,
        st.member ?? "",
        Date.parse(st.startedAt) - t0,
        "->",
        Date.parse(st.finishedAt ?? "") - t0,
      );
  }
  for (const c of calls.filter(
    (c) => c.startedAt > t0 && c.service !== "dynamodb" && c.principal.includes("Holdfast-"),
  ))
    console.log(
      "   call",
      Math.round(c.startedAt - t0),
      "+" + Math.round(c.durationMs),
      c.service,
      c.operation,
      c.principal.split("/").at(-1),
      c.error ?? "",
    );
  for (const c of calls.filter(
    (c) => c.startedAt > t0 && c.service !== "dynamodb" && !c.principal.includes("Holdfast-") && c.service !== "ec2",
  ))
    console.log(
      "   host",
      Math.round(c.startedAt - t0),
      "+" + Math.round(c.durationMs),
      c.service,
      c.operation,
      c.principal.split("/").at(-1),
      c.error ?? "",
    );
} finally {
  t0 = 0;
  await cloud.close();
}
