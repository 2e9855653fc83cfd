import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packFiles } from "../../domain/host/host-files.ts";

const script = readFileSync(join(import.meta.dirname, "common.sh"), "utf8");

/** Writes what a parameter holds, as a host would, with the root directory of the test in the place of `/`. */
function write(parameter: string) {
  const root = mkdtempSync(join(tmpdir(), "holdfast-boot-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  // What is written goes below the test's directory; the rule about paths is the script's own.
  const text = script.replace("try_for 60 read_identity", "").replaceAll('"$path"', `"${root}$path"`);
  const { status, stderr } = spawnSync("bash", ["-c", `REGION=us-west-2\n${text}\nwrite_files`], {
    encoding: "utf8",
    input: parameter,
  });
  return { root, status, stderr };
}

test("the files of a master are written with their modes", () => {
  const { root, status } = write(
    packFiles([
      { path: "/etc/kubernetes/pki/ca.crt", mode: "0644", content: "a\nb" },
      { path: "/etc/kubernetes/pki/etcd/server.key", mode: "0600", content: "c" },
    ]),
  );

  expect(status).toBe(0);
  const [certificate, key] = ["ca.crt", "etcd/server.key"].map((name) => join(root, "etc/kubernetes/pki", name));
  expect(readFileSync(certificate ?? "", "utf8")).toBe("a\nb\n");
  expect(readFileSync(key ?? "", "utf8")).toBe("c\n");
  expect([certificate, key].map((path) => (statSync(path ?? "").mode & 0o777).toString(8))).toEqual(["644", "600"]);
});

test.each([
  "/etc/cron.d/holdfast 0644",
  "/etc/kubernetes/pki/../manifests/pod.yaml 0644",
  "/etc/kubernetes/pki/.. 0644",
  "/etc/kubernetes/pkix/ca.crt 0644",
  "/etc/kubernetes/pki 0644",
  "/etc/kubernetes/pki/ 0644",
  "etc/kubernetes/pki/ca.crt 0644",
  "/etc/kubernetes/pki/ca.crt 0755",
  "/etc/kubernetes/pki/ca.crt 4600",
  "/etc/kubernetes/pki/ca.crt 0644 x",
  "/etc/kubernetes/pki/ca.crt",
  "",
])("no other file or mode ends up on a host: %j", (head) => {
  const { root, status, stderr } = write(`### ${head}\n* * * * * root true\n`);

  expect(status).toBe(1);
  expect(stderr).toContain("holdfast: no file of a master's");
  expect(existsSync(join(root, "etc"))).toBe(false);
});

test("text before the first file ends it", () => {
  expect(write("x\n### /etc/kubernetes/pki/ca.crt 0644\na\n").status).toBe(1);
});
