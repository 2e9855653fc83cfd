import { expect, test } from "vitest";
import { parseLocalArguments } from "./local-arguments.ts";

test.each([
  ["", { kind: "run", args: [] }],
  ["--hosts simulated", { kind: "run", args: ["--hosts", "simulated"] }],
  ["--port 0 --data x", { kind: "run", args: ["--port", "0", "--data", "x"] }],
  ["etcdctl ha -- member list -w json", { kind: "etcdctl", cluster: "ha", args: ["member", "list", "-w", "json"] }],
  [
    "etcdctl ha endpoint health --cluster",
    { kind: "etcdctl", cluster: "ha", args: ["endpoint", "health", "--cluster"] },
  ],
  ["shell ha b", { kind: "shell", cluster: "ha", member: "b", args: [] }],
  ["shell ha b -- ls -l -- x", { kind: "shell", cluster: "ha", member: "b", args: ["ls", "-l", "--", "x"] }],
  ["slack help", { kind: "slack", line: "help" }],
  ["credentials", { kind: "credentials" }],
  ["token --role viewer", { kind: "token", subject: "local", claims: { holdfast_role: "viewer" } }],
  ["token --subject ada --groups a,b", { kind: "token", subject: "ada", claims: { groups: ["a", "b"] } }],
  ["seed account.json", { kind: "seed", filename: "account.json" }],
  [
    'fault host freeze-etcd ha.example.com/a --json {"durationMs":500}',
    {
      kind: "fault",
      words: { kind: "host", action: "freeze-etcd", target: "ha.example.com/a", json: '{"durationMs":500}' },
    },
  ],
  ["fault list", { kind: "fault-list" }],
  ["fault clear", { kind: "fault-clear", id: undefined }],
  ["fault clear fault-3", { kind: "fault-clear", id: "fault-3" }],
  [
    "salck help",
    {
      kind: "bad-usage",
      text: "error: unknown command 'salck'\n\nCommands: etcdctl, shell, seed, slack, credentials, token, fault\n",
    },
  ],
  ["--bogus", { kind: "bad-usage", text: "error: unknown option '--bogus'\n" }],
  ["shell ha", { kind: "bad-usage", text: "error: missing required argument 'MEMBER'\n" }],
])("local %s", (line, expected) => {
  expect(parseLocalArguments(line.split(" ").filter((word) => word !== ""))).toEqual(expected);
});
