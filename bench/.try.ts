import { buildIfStale } from "../local/cloud/build-if-stale.ts";
import { startLocalCloud } from "../local/cloud.ts";
import { callsOfFunctions, countCalls } from "./calls.ts";
import { Observer } from "./holdfast.ts";

const calls: any[] = [];
const { cdkOut } = await buildIfStale(console.error);
const t = Date.now();
const cloud = await startLocalCloud({
  cdkOut,
  port: 0,
  log: (l) => process.env.V && console.error(l),
  onCall: (r) => calls.push(r),
});
console.log("cloud ready", Date.now() - t);
const o = new Observer(cloud);
try {
  for (let i = 0; i < Number(process.env.N ?? 2); i++) {
    let from = calls.length;
    const s = Date.now();
    const c = await o.create(`bench-${i}.example.com`);
    console.log(JSON.stringify(c.times));
    if (process.env.STEPS)
      for (const st of c.steps)
        console.log(
          "  ",
          st.name,
          st.member ?? "",
          Date.parse(st.startedAt) - s,
          "->",
          Date.parse(st.finishedAt ?? "") - s,
        );
    const cc = countCalls(callsOfFunctions(calls.slice(from)));
    console.log(cc.withoutData, JSON.stringify(cc.byKind), process.env.STEPS ? JSON.stringify(cc.byOperation) : "");
    from = calls.length;
    const s2 = Date.now();
    const r = await o.repair(`bench-${i}.example.com`);
    console.log(JSON.stringify(r.times));
    if (process.env.STEPS)
      for (const st of r.steps)
        console.log(
          "  ",
          st.name,
          st.member ?? "",
          Date.parse(st.startedAt) - s2,
          "->",
          Date.parse(st.finishedAt ?? "") - s2,
        );
    const rc = countCalls(callsOfFunctions(calls.slice(from)));
    console.log(rc.withoutData, JSON.stringify(rc.byKind), process.env.STEPS ? JSON.stringify(rc.byOperation) : "");
  }
} finally {
  await cloud.close();
}
