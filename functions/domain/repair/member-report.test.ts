import { expect, test } from "vitest";
import { readMemberReport } from "./member-report.ts";

const REPORT =
  '{"member":"a","volume":"vol-0a","generation":1,"healthy":true,"status":[{"Endpoint":"https://127.0.0.1:2379","Status":{"header":{"cluster_id":14841639068965178418,"member_id":10276657743932975437,"revision":42,"raft_term":3},"version":"3.4.23","dbSize":20480,"leader":10276657743932975437,"raftIndex":99,"raftTerm":3}}]}';

const UNHEALTHY =
  '{"member":"a","volume":"vol-0a","generation":1,"healthy":false,"status":null,"kubelet":true,"boot":"done"';
const CRASHED = ',"refused":"","restarts":3,"said":"C etcdmain: walpb: crc mismatch","data":true,"freeKiB":900000}';

test("ids above 2^53 are read to the last digit", () => {
  expect(readMemberReport("a", `${REPORT}\n`)).toEqual({
    member: "a",
    reachable: true,
    healthy: true,
    clusterId: "14841639068965178418",
    memberId: "10276657743932975437",
    leaderId: "10276657743932975437",
    term: 3,
    revision: 42,
    volumeId: "vol-0a",
    etcdVersion: "3.4.23",
  });
});

test("all that a host says of itself is read", () => {
  const learner = REPORT.replace('"raftTerm":3}}', '"raftTerm":3,"isLearner":true}}').replace(
    '"generation":1,',
    '"generation":1,"kubelet":false,"certificatesUntil":1800000000,',
  );

  expect(readMemberReport("a", `warning: {}\n${learner}\ndone`)).toStrictEqual({
    member: "a",
    reachable: true,
    healthy: true,
    clusterId: "14841639068965178418",
    memberId: "10276657743932975437",
    leaderId: "10276657743932975437",
    term: 3,
    revision: 42,
    volumeId: "vol-0a",
    etcdVersion: "3.4.23",
    isLearner: true,
    kubelet: false,
    certificatesUntil: 1_800_000_000,
  });
});

test("what a host does not say is not made up, and ids may be text", () => {
  const scanty =
    '{"member":"a","healthy":false,"certificatesUntil":null,"status":[{"Status":{"header":{"cluster_id":"14841639068965178418","member_id":"7"},"leader":"8"}}]}';

  expect(readMemberReport("a", scanty)).toStrictEqual({
    member: "a",
    reachable: true,
    healthy: false,
    clusterId: "14841639068965178418",
    memberId: "7",
    leaderId: "8",
    term: 0,
  });
});

test("the term is the status's own, or else its header's", () => {
  expect(readMemberReport("a", REPORT.replace('"raft_term":3', '"raft_term":2')).term).toBe(3);
  expect(readMemberReport("a", REPORT.replace(',"raftTerm":3', "")).term).toBe(3);
});

test("a host whose etcd says nothing still reports its kubelet, its certificates and its problem", () => {
  const report = `${UNHEALTHY},"refused":"vol-0a is blank","certificatesUntil":1800000000}`;
  const known = {
    reachable: false,
    healthy: false,
    clusterId: null,
    memberId: null,
    leaderId: null,
    term: null,
    kubelet: true,
    booted: true,
    certificatesUntil: 1_800_000_000,
    trouble: { kind: "refused", detail: "vol-0a is blank" },
  };

  expect(readMemberReport("a", report)).toStrictEqual({ member: "a", ...known });
  expect(readMemberReport("b", report)).toStrictEqual({ member: "b", ...known });
});

test("a member without a leader says so with leader 0", () => {
  const withoutLeader = REPORT.replace('"leader":10276657743932975437,', "");

  expect(readMemberReport("a", withoutLeader).leaderId).toBe("0");
});

test.each([
  ["nothing", ""],
  ["an error message", "etcdctl: command not found"],
  ["half a line", REPORT.slice(0, 80)],
  ["a list of no status", '{"member":"a","healthy":false,"status":[]}'],
  ["a report without its most important field", '{"member":"a","status":null}'],
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

test.each([
  [
    "etcd that ended itself three times over its data",
    CRASHED,
    { kind: "crashing", detail: "C etcdmain: walpb: crc mismatch" },
  ],
  [
    "etcd of 3.5, which calls each failed start a failed discovery",
    CRASHED.replace(
      "C etcdmain: walpb: crc mismatch",
      "level:fatal,caller:etcdmain/etcd.go:204,msg:discovery failed,error:walpb: crc mismatch,stacktrace:go.etcd.io/etcd",
    ),
    { kind: "crashing", detail: "walpb: crc mismatch" },
  ],
  [
    "etcd of 3.5 that did not find who else is there",
    CRASHED.replace("C etcdmain: walpb: crc mismatch", "msg:discovery failed,error:discovery: size key not found"),
    undefined,
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
  ["etcd of which nobody says whether it has data", CRASHED.replace('"data":true,', ""), undefined],
  ["etcd of which nobody says how often it ended", CRASHED.replace('"restarts":3,', ""), undefined],
  ["etcd that ended, and nobody says with which words", CRASHED.replace(/"said":"[^"]*",/, ""), undefined],
  ["a file system of which nobody says how full it is", CRASHED.replace("3", "0").replace("900000", "null"), undefined],
  ["a file system with room for just one log file", CRASHED.replace("3", "0").replace("900000", "65536"), undefined],
  [
    "a file system with less room than that",
    CRASHED.replace("3", "0").replace("900000", "65535"),
    { kind: "full", detail: "65535 KiB are left on its volume" },
  ],
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
  expect(readMemberReport("a", UNHEALTHY + rest).trouble).toEqual(trouble);
});

test("a host without our files whose user data failed says that its boot failed", () => {
  const report = '{"member":null,"healthy":false,"status":null,"boot":"error"}';

  expect(readMemberReport("a", report).trouble).toEqual({ kind: "boot", detail: "its boot script failed" });
});

test("an alarm NOSPACE is out of space, and the member still agrees with the others", () => {
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
  ["failed", { kind: "boot", detail: "its boot script failed" }],
  ["active", undefined],
  ["activating", undefined],
])("a boot script that failed while etcd's unit is %s", (unit, trouble) => {
  const report = `{"member":"a","healthy":false,"status":null,"boot":"error","unit":"${unit}","restarts":0}`;

  expect(readMemberReport("a", report).trouble).toEqual(trouble);
});

test("a boot script that succeeded is no problem, though etcd's unit is not there yet", () => {
  const report = '{"member":"a","healthy":false,"status":null,"boot":"done","unit":"inactive"}';

  expect(readMemberReport("a", report).trouble).toBeUndefined();
});

test("a healthy member has no trouble, and another alarm than NOSPACE is no out of space", () => {
  const alarmed = REPORT.replace('"raftTerm":3}}', '"raftTerm":3,"errors":["memberID:1 alarm:CORRUPT "]}}');

  expect(readMemberReport("a", REPORT.replace(/}$/, ',"freeKiB":12}')).trouble).toBeUndefined();
  expect(readMemberReport("a", alarmed.replace('"healthy":true', '"healthy":false')).trouble).toBeUndefined();
});

test.each([
  "listen tcp 10.0.0.1:2380: bind: Address already in use",
  "open server.crt: no certificate",
  "x509: unknown authority",
  "tls: handshake failed",
  "open /var/lib/etcd: permission denied",
  "accept: too many open files",
  "cannot allocate memory",
  "runtime: out of memory",
  "discovery failed",
  "lookup a.example.com: no such host",
])("etcd that ends itself with the words `%s` has no trouble with its data", (said) => {
  expect(readMemberReport("a", UNHEALTHY + CRASHED.replace("walpb: crc mismatch", said)).trouble).toBeUndefined();
});

test.each([
  ["done", true, true],
  ["running", false, false],
  ["error", false, false],
])(
  "U5: a member that commits reads says whether its boot (%s) has ended and its API server is ready",
  (boot, api, booted) => {
    const report = REPORT.replace('"healthy":true', `"healthy":true,"boot":"${boot}","apiServer":${api}`);

    expect(readMemberReport("a", report)).toMatchObject({ healthy: true, apiServer: api, booted });
  },
);
