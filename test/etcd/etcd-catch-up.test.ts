import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { readProgress, whyNotPromoted } from "../../functions/domain/repair/catch-up.ts";
import { startEtcd } from "../../local/testing/image/etcd.ts";
import { eventually } from "../../local/testing/image/eventually.ts";
import { writeMemberBundle } from "../../local/testing/image/pki.ts";
import { freePort } from "../../local/testing/image/ports.ts";

const DOCUMENTS = join(import.meta.dirname, "../../functions/hosts/documents");

/** A leader and a learner of the real etcd, which count to thousands while nobody waits for the disk of a machine. */
async function start() {
  const root = mkdtempSync(join(tmpdir(), "holdfast-learner-"));
  const pki = await writeMemberBundle(root);
  const leader = await startEtcd(join(root, "a"), pki);
  const files = { cert: "apiserver-etcd-client.crt", key: "apiserver-etcd-client.key", ca: "etcd/ca.crt" };
  const [cert, key, ca] = Object.values(files).map((file) => join(pki, file));
  const env = {
    ...{ PATH: process.env["PATH"], ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: leader.endpoint },
    ...{ ETCDCTL_CACERT: ca, ETCDCTL_CERT: cert, ETCDCTL_KEY: key },
  };
  const run = async (script: string) => (await promisify(execFile)("bash", ["-c", script], { env })).stdout;
  await eventually(() => run("etcdctl put a b"));
  const peer = `https://127.0.0.1:${await freePort()}`;
  await run(`etcdctl member add b --learner --peer-urls=${peer}`);
  const initialCluster = `a=${leader.peer},b=${peer}`;
  const learner = await startEtcd(join(root, "b"), pki, { name: "b", peer, initialCluster });
  onTestFinished(async () => {
    await Promise.all([leader.stop(), learner.stop()]);
    rmSync(root, { recursive: true, force: true });
  });
  const [certText, keyText, caText] = [cert, key, ca].map((file) => readFileSync(file ?? ""));
  const agent = new Agent({ cert: certText, key: keyText, ca: caText, keepAlive: true, maxSockets: 32 });
  const document = (name: string) => {
    const text = readFileSync(join(DOCUMENTS, `${name}.sh`), "utf8");
    return run(text.replace(". /etc/holdfast/etcdctl", "true").replace("{{ peerUrl }}", peer));
  };
  return { learner, run, document, put: (count: number) => putMany(agent, leader.endpoint, count) };
}

/** By the JSON gateway, since each start of etcdctl would take longer than a hundred writes. */
async function putMany(agent: Agent, endpoint: string, count: number): Promise<void> {
  const put = () =>
    new Promise<void>((resolve, reject) => {
      const asked = request(`${endpoint}/v3/kv/put`, { method: "POST", agent }, (answer) =>
        answer.resume().on("end", resolve),
      );
      asked.on("error", reject).end('{"key":"YQ==","value":"Yg=="}');
    });
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (let made = 0; made < count / 32; made += 1) await put();
    }),
  );
}

/** The rule names the address of a member; on one machine that is not enough, so the port is added. */
function whyNot(output: string, endpoint: string) {
  return whyNotPromoted(readProgress(output.replaceAll(endpoint, "https://learner:2379")), "learner");
}

test("F10: etcd would promote a learner that stands still some hundred entries behind; by our own measure it waits", async () => {
  const { learner, document, put, run } = await start();
  await put(3_200);
  await eventually(async () => expect(whyNot(await document("member-progress"), learner.endpoint)).toBeUndefined());

  process.kill(learner.pid, "SIGSTOP");
  await put(256);
  const stopped = whyNot(await document("member-progress"), learner.endpoint);
  const etcds = await document("promote-member");

  expect(stopped).toBe("the etcd at learner does not say how far it is");
  expect(etcds).toMatch(/^Member +[0-9a-f]+ promoted/);
  process.kill(learner.pid, "SIGCONT");
  await eventually(() => run("etcdctl put c d"));
}, 60_000);
