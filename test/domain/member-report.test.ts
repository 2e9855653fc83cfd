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
