import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { memberFiles, packFiles, sharedMasterFiles } from "../../functions/domain/host-files.ts";
import { issueAuthorities, issueLeaf } from "../../functions/gateways/pki.ts";

const now = new Date();
const authorities = await issueAuthorities(now);
const server = await issueLeaf(
  authorities.etcd,
  { commonName: "a.masters.x", usages: ["server", "client"], addresses: ["172.20.64.10"], names: ["localhost"] },
  now,
);
const directory = mkdtempSync(join(tmpdir(), "holdfast-pki-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** OpenSSL is the independent judge. */
const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, encoding: "utf8" });

test("openssl verifies a member's certificate, for both of its uses, against etcd's authority alone", () => {
  writeFileSync(join(directory, "ca.crt"), authorities.etcd.certificate);
  writeFileSync(join(directory, "other.crt"), authorities.kubernetes.certificate);
  writeFileSync(join(directory, "server.crt"), server.certificate);

  expect(openssl("verify", "-CAfile", "ca.crt", "-purpose", "sslserver", "server.crt")).toContain("OK");
  expect(openssl("verify", "-CAfile", "ca.crt", "-purpose", "sslclient", "server.crt")).toContain("OK");
  expect(() => openssl("verify", "-CAfile", "other.crt", "server.crt")).toThrow();
});

test("the certificate names the member's address, lasts a year, and fits its key", () => {
  writeFileSync(join(directory, "server.crt"), server.certificate);
  writeFileSync(join(directory, "server.key"), server.key);

  expect(openssl("x509", "-noout", "-ext", "subjectAltName", "-in", "server.crt")).toContain("IP Address:172.20.64.10");
  expect(openssl("x509", "-noout", "-pubkey", "-in", "server.crt")).toBe(
    openssl("pkey", "-pubout", "-in", "server.key"),
  );
  expect(openssl("x509", "-checkend", String(364 * 86_400), "-in", "server.crt")).toContain("will not expire");
});

test("what a master fetches fits into standard parameters of 4 KB", () => {
  expect(packFiles(sharedMasterFiles(authorities)).length).toBeLessThan(4096);
  expect(packFiles(memberFiles(server, server)).length).toBeLessThan(4096);
  expect(JSON.stringify(authorities).length).toBeLessThan(4096);
});

test("a master's files hold no key of etcd's authority", () => {
  const files = packFiles([...sharedMasterFiles(authorities), ...memberFiles(server, server)]);

  expect(files).not.toContain(authorities.etcd.key.split("\n")[1]);
});
