import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, memberOf, type Scenario, startScenario } from "../support/scenario.ts";
import { Tmux } from "../support/tmux.ts";

const COMMAND = `${process.execPath} ${join(import.meta.dirname, "../../cli/holdfast.mjs")}`;
const NAME = "prod.example.com";
const ZONES = "us-west-2a,us-west-2b,us-west-2c";

let scenario: Scenario;
let tmux: Tmux;
beforeAll(async () => {
  scenario = await startScenario({ hosts: "simulated" });
  tmux = new Tmux({ HOLDFAST_API: scenario.cloud.endpoints.api });
  await tmux.run(`holdfast() { ${COMMAND} "$@"; }`);
  tmux.clear();
});
afterAll(async () => {
  tmux[Symbol.dispose]();
  await scenario[Symbol.asyncDispose]();
});

/** Names of the phases that stand in the scrollback, in order. */
function phases(text: string): string[] {
  return [...text.matchAll(/^[✓✗•…] +\d\S* {2}([^(:\n]+)/gm)].map(([, name = ""]) => name.trim());
}

test("80 by 24: a create of three masters and three nodes is watched without a repeated frame", async () => {
  const create = `holdfast create cluster --zones ${ZONES} --master-zones ${ZONES} --node-count 3 ${NAME} --yes --wait`;

  const text = await tmux.run(create);

  const names = phases(text);
  expect(names.length).toBeGreaterThan(10);
  expect(names).toEqual([...new Set(names)]);
  expect(text).not.toMatch(/^[•…]/m);
  expect(text.match(/^Quorum +3\/3, 2 needed, leader [abc]$/gm)).toHaveLength(1);
  expect(text.match(/^Members /gm)).toBeNull();
  expect(text).toContain(`${NAME}  ACTIVE\n`);
  tmux.clear();
});

test("80 by 24: lists show whole ids", async () => {
  const { members, nodes } = await scenario.cluster(NAME);
  const ids = members.flatMap(({ instanceId, volumeId }) => [instanceId ?? "", volumeId ?? ""]);

  const text = [];
  for (const list of ["clusters", "operations", `events ${NAME}`, `members ${NAME}`, `nodes ${NAME}`]) {
    text.push(await tmux.run(`holdfast get ${list}`));
    tmux.clear();
  }

  expect(text[0]).toContain(NAME);
  expect(text[1]).toMatch(/^create-[0-9a-z]{26} /m);
  for (const id of ids) expect(text[2]).toContain(id);
  for (const id of ids) expect(text[3]).toContain(id);
  for (const { name } of nodes) expect(text[4]).toContain(name);
}, 60_000);

test("Ctrl-C says what continues and how to follow it, and that is followed to its end", async () => {
  tmux.type(`holdfast scale nodes ${NAME} --count 5 --yes --wait; echo exit-code $?`);
  await tmux.shows(/Members {2}a healthy/);
  tmux.press("C-c");
  const text = await tmux.shows(/exit-code \d+$/m);
  const [, follow = ""] = /^Follow it: +(holdfast get operations scale-\w+ --follow)$/m.exec(text) ?? [];
  tmux.clear();
  const followed = await tmux.run(follow);

  expect(text).toContain("exit-code 130");
  expect(text).toContain(`The operation continues without this terminal (scaling of ${NAME}).`);
  expect(followed).toMatch(/^scale-\w+ has succeeded\.$/m);
  expect(followed).toContain("Nodes       5/5 ready");
});

test("R12: when the leader was terminated, nobody leads until another member does", async () => {
  const { quorum } = await scenario.cluster(NAME);
  const leader = memberOf(await scenario.cluster(NAME), quorum.leader ?? "");
  await scenario.terminate(leader.instanceId ?? "");

  const seen = await eventually(
    () => scenario.cluster(NAME),
    (cluster) => memberOf(cluster, leader.name).health !== "healthy" || cluster.quorum.leader !== leader.name,
    10_000,
  );

  expect(seen.quorum.leader).not.toBe(leader.name);
  await eventually(
    () => scenario.cluster(NAME),
    ({ status, quorum: { leader: now } }) => status === "ACTIVE" && now !== null,
    60_000,
  );
});
