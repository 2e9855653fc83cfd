import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { newSigningRequest } from "../../client/signing-request.ts";
import { memberFiles, packFiles, sharedMasterFiles } from "../domain/host/host-files.ts";
import { issueAuthorities, issueClient, issueLeaf } from "./pki.ts";

const now = new Date();
const authorities = await issueAuthorities(now);
const server = await issueLeaf(
  authorities.etcd,
  { commonName: "a.masters.x", usages: ["server", "client"], addresses: ["172.20.64.10"], names: ["localhost"] },
  now,
);
const directory = mkdtempSync(join(tmpdir(), "holdfast-pki-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** OpenSSL is the independent evaluate. */
function openssl(...args: string[]) {
  return execFileSync("openssl", args, { cwd: directory, encoding: "utf8" });
}

test("openssl verifies a member's certificate, for both of its uses, against etcd's authority alone", () => {
  writeFileSync(join(directory, "ca.crt"), authorities.etcd.certificate);
  writeFileSync(join(directory, "other.crt"), authorities.kubernetes.certificate);
  writeFileSync(join(directory, "server.crt"), server.certificate);

  expect(openssl("verify", "-CAfile", "ca.crt", "-purpose", "sslserver", "server.crt")).toContain("OK");
  expect(openssl("verify", "-CAfile", "ca.crt", "-purpose", "sslclient", "server.crt")).toContain("OK");
  expect(() => openssl("verify", "-CAfile", "other.crt", "server.crt")).toThrow();
});

test("M7: openssl's strict check, which Python makes since 3.13, takes every certificate, and none is an authority", async () => {
  const { request } = await newSigningRequest("prod.example.com");
  const administrator = { request, commonName: "iam:alice", organization: "kubeadm:cluster-admins", minutes: 60 };
  const { certificate } = await issueClient(authorities.kubernetes, administrator, now);
  const front = await issueLeaf(authorities.frontProxy, { commonName: "front-proxy-client", usages: ["client"] }, now);
  for (const [name, authority, leaf] of [
    ["etcd", authorities.etcd, server.certificate],
    ["kubernetes", authorities.kubernetes, certificate],
    ["front", authorities.frontProxy, front.certificate],
  ] as const) {
    writeFileSync(join(directory, `${name}-ca.crt`), authority.certificate);
    writeFileSync(join(directory, `${name}.crt`), leaf);

    expect(openssl("verify", "-x509_strict", "-CAfile", `${name}-ca.crt`, `${name}.crt`)).toContain("OK");
    expect(openssl("x509", "-noout", "-ext", "basicConstraints", "-in", `${name}.crt`)).toContain("CA:FALSE");
    expect(openssl("x509", "-noout", "-ext", "subjectKeyIdentifier", "-in", `${name}.crt`)).toMatch(/[0-9A-F:]{59}/);
  }
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

const administrator = { commonName: "iam:alice", organization: "kubeadm:cluster-admins", minutes: 60 };

test("an administrator's certificate is a client's, for the key that asked, of the group that kubeadm obeys, for an hour", async () => {
  const { key, request } = await newSigningRequest("prod.example.com");

  const { certificate, expiresAt } = await issueClient(authorities.kubernetes, { request, ...administrator }, now);

  writeFileSync(join(directory, "cluster-ca.crt"), authorities.kubernetes.certificate);
  writeFileSync(join(directory, "admin.crt"), certificate);
  writeFileSync(join(directory, "admin.key"), key);
  expect(openssl("verify", "-CAfile", "cluster-ca.crt", "-purpose", "sslclient", "admin.crt")).toContain("OK");
  expect(() => openssl("verify", "-CAfile", "cluster-ca.crt", "-purpose", "sslserver", "admin.crt")).toThrow();
  expect(openssl("x509", "-noout", "-subject", "-nameopt", "RFC2253", "-in", "admin.crt").trim()).toBe(
    "subject=CN=iam:alice,O=kubeadm:cluster-admins",
  );
  expect(openssl("x509", "-noout", "-pubkey", "-in", "admin.crt")).toBe(openssl("pkey", "-pubout", "-in", "admin.key"));
  expect(expiresAt.getTime() - now.getTime()).toBe(3_600_000);
  expect(() => openssl("x509", "-checkend", "3700", "-noout", "-in", "admin.crt")).toThrow();
});

test.each([
  ["text that is none", async () => "-----BEGIN CERTIFICATE REQUEST-----\nabcd\n", /no certificate signing request/],
  [
    "one that was changed after it was signed",
    async () => {
      const { request } = await newSigningRequest("prod.example.com");
      const bytes = Buffer.from(request.replace(/-----.*-----|\s/g, ""), "base64");
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
      return `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
    },
    /its own key has signed/,
  ],
  [
    "one for a key of 1024 bits",
    async () => {
      openssl(
        "req",
        "-new",
        "-newkey",
        "rsa:1024",
        "-nodes",
        "-subj",
        "/CN=a",
        "-keyout",
        "weak.key",
        "-out",
        "weak.csr",
      );
      return openssl("req", "-in", "weak.csr");
    },
    /too weak/,
  ],
])("nothing is signed for %s", async (_, make, message) => {
  const request = { request: await make(), ...administrator };

  await expect(issueClient(authorities.kubernetes, request, now)).rejects.toMatchObject({
    name: "UnusableRequest",
    message: expect.stringMatching(message),
  });
});
