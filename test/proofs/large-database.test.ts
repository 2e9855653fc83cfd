import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BackupViewSchema } from "../../functions/domain/api/views.ts";
import { type EtcdEndpoints, etcdEndpoints } from "../support/consistency/endpoints.ts";
import { eventually, type Scenario, startScenario } from "../support/scenario.ts";

/**
 * One master, since three would need the disk three times: the data, the former data, its EBS snapshot, the file and the trial.
 * On a machine with room for it, HOLDFAST_LARGE_MIB=8000 is etcd's whole quota.
 */
const NAME = "large.example.com";
const MIB = Number(process.env["HOLDFAST_LARGE_MIB"] ?? 2_500);
const LIMIT_MS = 3_600_000;
const WRITERS = 4;

let scenario: Scenario;
let endpoints: EtcdEndpoints;
beforeAll(async () => {
  scenario = await startScenario();
  const flags = ["--zones", "us-west-2a", "--node-count", "0", "--backup-interval", "0", "--yes", "--wait"];
  const { code, stderr } = await scenario.holdfast("create", "cluster", NAME, ...flags);
  if (code !== 0) throw new Error(stderr);
  endpoints = await etcdEndpoints(scenario, await scenario.cluster(NAME));
});
afterAll(async () => {
  await scenario[Symbol.asyncDispose]();
});

/** A mebibyte of which gzip saves a quarter: a block comes again too far away to be found. */
const BLOCKS = Array.from({ length: 32 }, () => JSON.stringify({ data: randomBytes(768 * 1024).toString("base64") }));

/** Where a drill reads every value. */
function keyOf(number: number): string {
  return `/registry/large/default/${number}`;
}

async function fill(): Promise<void> {
  let next = 0;
  const write = async (): Promise<void> => {
    const client = endpoints.connect("a");
    for (let number = next++; number < MIB; number = next++) {
      const value = BLOCKS[number % BLOCKS.length] ?? "";
      await eventually(
        () =>
          client.put(keyOf(number), value, 60_000).then(
            () => true,
            () => false,
          ),
        (done) => done,
        60_000,
      );
    }
    client.close();
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** Seconds that a command takes, which must succeed; the figures of docs/backups.md. */
async function timed(...command: string[]): Promise<string> {
  const since = Date.now();
  const { code, stdout, stderr } = await scenario.holdfast(...command, "--wait", "1h", "-o", "json");
  console.log(`${command.slice(0, 2).join(" ")}: ${Math.round((Date.now() - since) / 1_000)} s`);
  expect(code === 0 ? "" : stderr.slice(-1_500)).toBe("");
  return stdout;
}

test(
  "1.10.11: a database of several gigabytes is backed up, tried and restored without a time-out",
  async () => {
    await fill();

    const backup = BackupViewSchema.parse(JSON.parse(await timed("backup", "cluster", NAME)));
    const { bytes = 0 } = backup.objects["snapshot.db.gz"] ?? {};
    console.log(
      `database ${backup.etcd.totalSize} bytes, in S3 ${bytes}, hashes ${JSON.stringify(backup.verified.hashkv)}`,
    );
    const tried = BackupViewSchema.parse(JSON.parse(await timed("drill", "cluster", NAME)));
    await scenario.etcdctl(NAME, "put", keyOf(0), "later");
    await timed("restore", "cluster", NAME, "--backup", backup.id, "--even-though-healthy", "--yes");

    expect(backup.etcd.totalSize).toBeGreaterThan(MIB * 1024 ** 2);
    expect(tried.verified.drill).toMatchObject({
      ok: true,
      totalKey: backup.etcd.totalKey,
      kinds: { large: MIB },
    });
    for (const number of [0, 17]) {
      const client = endpoints.connect("a");
      expect((await client.get(keyOf(number), 10_000)).value === BLOCKS[number]).toBe(true);
      client.close();
    }
  },
  LIMIT_MS,
);
