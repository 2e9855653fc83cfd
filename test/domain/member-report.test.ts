import { expect, test } from "vitest";
import { readMemberReport } from "../../functions/domain/member-report.ts";

const REPORT =
  '{"member":"a","volume":"vol-0a","generation":1,"healthy":true,"status":[{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":42,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":10276657743932975437,"raftIndex":99,"raftTerm":3}}]}';

test("ids above 2^53 are read to the last digit", () => {
  expect(readMemberReport("a", `${REPORT}\n`)).toEqual({
    member: "a",
    reachable: true,
    healthy: true,
    clusterId: "14841639068965178418",
    memberId: "10276657743932975437",
    leaderId: "10276657743932975437",
    term: 3,
    volumeId: "vol-0a",
  });
});

test("a member without a leader says so with leader 0", () => {
  const withoutLeader = REPORT.replace('"leader":10276657743932975437,', "");

  expect(readMemberReport("a", withoutLeader).leaderId).toBe("0");
});

test.each([
  ["nothing", ""],
  ["an error message", "etcdctl: command not found"],
  ["half a line", REPORT.slice(0, 80)],
  ["a status that etcd did not give", '{"member":"a","healthy":false,"status":null}'],
  ["another member's report", REPORT.replace('"member":"a"', '"member":"b"')],
])("%s is silence", (_, output) => {
  expect(readMemberReport("a", output)).toEqual({
    member: "a",
    reachable: false,
    healthy: false,
    clusterId: null,
    memberId: null,
    leaderId: null,
    term: null,
  });
});

const UNWELL =
  '{"member":"a","volume":"vol-0a","generation":1,"healthy":false,"status":null,"kubelet":true,"boot":"done"';
const CRASHED = ',"refused":"","restarts":3,"said":"C etcdmain: walpb: crc mismatch","data":true,"freeKiB":900000}';

test.each([
  [
    "etcd that ended itself three times over its data",
    CRASHED,
    { kind: "crashing", detail: "C etcdmain: walpb: crc mismatch" },
  ],
  ["etcd that was started again twice", CRASHED.replace("3", "2"), undefined],
  ["etcd that ends without data, such as a learner that finds nobody", CRASHED.replace("true", "false"), undefined],
  [
    "etcd whose log is gone, though the others have met this member",
    CRASHED.replace("true", "false").replace("walpb: crc mismatch", "member 39 has already been bootstrapped"),
    { kind: "crashing", detail: "C etcdmain: member 39 has already been bootstrapped" },
  ],
  ["etcd that was killed and said nothing", CRASHED.replace(/"said":"[^"]*"/, '"said":""'), undefined],
  ["etcd whose certificate is wrong", CRASHED.replace("walpb: crc mismatch", "x509: expired"), undefined],
  [
    "a file system without room for a log file",
    CRASHED.replace("900000", "12"),
    { kind: "full", detail: "12 KiB are left on its volume" },
  ],
  [
    "a volume that is not mounted, whatever etcd said",
    CRASHED.replace("}", ',"volumeProblem":"volume vol-0a is not mounted"}'),
    { kind: "volume", detail: "volume vol-0a is not mounted" },
  ],
  [
    "a volume of somebody else",
    CRASHED.replace('"refused":""', '"refused":"vol-0a is blank"'),
    { kind: "refused", detail: "vol-0a is blank" },
  ],
])("%s", (_, rest, trouble) => {
  expect(readMemberReport("a", UNWELL + rest).trouble).toEqual(trouble);
});

test("a host without our files whose user data failed says that its boot failed", () => {
  const report = '{"member":null,"healthy":false,"status":null,"boot":"error"}';

  expect(readMemberReport("a", report).trouble).toEqual({ kind: "boot", detail: "its boot script failed" });
});

test("an alarm NOSPACE is want of space, and the member still agrees with the others", () => {
  const alarmed = REPORT.replace('"healthy":true', '"healthy":false').replace(
    '"raftTerm":3}}',
    '"raftTerm":3,"errors":["memberID:10276657743932975437 alarm:NOSPACE "]}}',
  );

  expect(readMemberReport("a", alarmed)).toMatchObject({
    reachable: true,
    trouble: { kind: "full", detail: "etcd raised its alarm NOSPACE" },
  });
});

test.each([
  ["inactive", { kind: "boot", detail: "its boot script failed" }],
  ["active", undefined],
])("a boot script that failed while etcd's unit is %s", (unit, trouble) => {
  const report = `{"member":"a","healthy":false,"status":null,"boot":"error","unit":"${unit}","restarts":0}`;

  expect(readMemberReport("a", report).trouble).toEqual(trouble);
});
