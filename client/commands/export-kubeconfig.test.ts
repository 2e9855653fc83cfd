import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { FakeApi } from "../../test/support/fake-api.ts";
import { runCli } from "../../test/support/run-cli.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-kubeconfig-"));
afterAll(() => rmSync(directory, { recursive: true }));

const ISSUED = {
  cluster: "ha",
  server: "https://api.ha",
  certificateAuthority: "the authority",
  certificate: "the certificate",
  user: "iam:alice",
  expiresAt: "2026-11-27T06:00:00.000Z",
};
function start() {
  return FakeApi.start({ "POST /clusters/ha/kubeconfig": [{ status: 200, body: ISSUED }] });
}

function base64(text: string) {
  return Buffer.from(text).toString("base64");
}

test("it asks with a request for a key that it keeps, and writes a file for its owner alone", async () => {
  await using api = await start();
  const file = join(directory, "deep", "config");

  const { code, stdout } = await runCli(["export", "kubeconfig", "ha", "--kubeconfig", file], {
    HOLDFAST_API: api.url,
  });

  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `kubectl now speaks to ha, as iam:alice, until 2026-11-27T06:00:00.000Z (${file})\n`,
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const written = parse(readFileSync(file, "utf8"));
  expect(written).toMatchObject({
    "current-context": "ha",
    clusters: [
      { name: "ha", cluster: { server: "https://api.ha", "certificate-authority-data": base64("the authority") } },
    ],
    users: [{ name: "ha", user: { "client-certificate-data": base64("the certificate") } }],
    contexts: [{ name: "ha", context: { cluster: "ha", user: "ha" } }],
  });
  const key = Buffer.from(written.users[0].user["client-key-data"], "base64").toString();
  expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/);
  const sent = JSON.stringify(api.received[0]?.body);
  expect(sent).toMatch(/^{"certificateRequest":"-----BEGIN CERTIFICATE REQUEST-----/);
  expect(sent).not.toContain(key.split("\n")[1]);
});

test("in a kubeconfig with other clusters it adds, or renews, its own and leaves the others and the comments", async () => {
  await using api = await start();
  const file = join(directory, "merged");
  const others = `# mine
apiVersion: v1
kind: Config
preferences: { colors: true }
clusters:
  - name: other # keep
    cluster: { server: https://other }
  - name: ha
    cluster: { server: https://old }
users: []
contexts:
  - { name: other, context: { cluster: other, user: other } }
current-context: other
`;
  writeFileSync(file, others);
  const environment = { HOLDFAST_API: api.url, KUBECONFIG: `${file}:${join(directory, "second")}` };

  const { code } = await runCli(["export", "kubeconfig", "ha", "--admin", "1h"], environment);

  expect(code).toBe(0);
  const text = readFileSync(file, "utf8");
  expect(text).toContain("# mine");
  expect(text).toContain("# keep");
  expect(parse(text)).toMatchObject({
    preferences: { colors: true },
    clusters: [
      { name: "other", cluster: { server: "https://other" } },
      { name: "ha", cluster: { server: "https://api.ha" } },
    ],
    users: [{ name: "ha" }],
    contexts: [{ name: "other" }, { name: "ha" }],
    "current-context": "ha",
  });
  expect(api.received[0]?.body).toMatchObject({ minutes: 60 });
});

test("a file that is no kubeconfig is left as it is", async () => {
  await using api = await start();
  const file = join(directory, "broken");
  writeFileSync(file, "a: [b");

  const { code, stderr } = await runCli(["export", "kubeconfig", "ha", "--kubeconfig", file], {
    HOLDFAST_API: api.url,
  });

  expect(code).toBe(1);
  expect(stderr).toBe(`error: ${file} is not a kubeconfig, and was left as it is; name another with --kubeconfig\n`);
  expect(readFileSync(file, "utf8")).toBe("a: [b");
});

test("-o json prints a kubeconfig and touches no file", async () => {
  await using api = await start();
  const untouched = join(directory, "untouched");

  const { code, stdout } = await runCli(["export", "kubeconfig", "ha", "-o", "json"], {
    HOLDFAST_API: api.url,
    KUBECONFIG: untouched,
  });

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ kind: "Config", "current-context": "ha" });
  expect(() => statSync(untouched)).toThrow();
});

test.each(["1m", "169h"])(
  "a certificate for %s is refused by the flag's name, and nothing is asked for",
  async (duration) => {
    await using api = await start();

    const { code, stderr } = await runCli(["export", "kubeconfig", "ha", "--admin", duration], {
      HOLDFAST_API: api.url,
    });

    expect({ code, stderr }).toEqual({ code: 2, stderr: "error: --admin: a certificate is good for 10m to 7d\n" });
    expect(api.received).toEqual([]);
  },
);
