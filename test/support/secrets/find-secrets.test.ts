import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { findSecrets, secretParts } from "./find-secrets.ts";

const NUMBER = "nwTxMMyMY1Zc5kR2s5y5tQhZyPp3Jx8Lq0a4Zb7uQ1oVf6dE9gH2iJ3kL4mN5oP6";
const KEY = `-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n${NUMBER}\nqrst\n-----END PRIVATE KEY-----\n`;
const SECRETS = new Map([[NUMBER, "the value of /masters/a"]]);

test.each([
  ["a private key is found by the line with its number", KEY, [NUMBER]],
  ["and inside JSON too", JSON.stringify({ key: KEY }), [NUMBER]],
  [
    "certificates alone are no secret",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIR\n-----END CERTIFICATE-----\n",
    [],
  ],
  [
    "settings by their secret fields, of an address by its path",
    '{"adapter":"slack","secret":"8f742231b10e8888abcd","url":"https://hooks.slack.com/services/T/B/x"}',
    ["8f742231b10e8888abcd", "/services/T/B/x"],
  ],
  ["rules about roles have none", '{"principals":{"slack:*":[{"role":"viewer","clusters":"*.example.com"}]}}', []],
  ["any other secret by itself", "secret of one.example.com", ["secret of one.example.com"]],
])("%s", (_, value, parts) => {
  expect(secretParts(value)).toEqual(parts);
});

test.each([
  ["as it is", `error: could not write ${NUMBER}`],
  ["in base64", Buffer.from(`#!/bin/bash\nkey=${NUMBER}\n${"# more\n".repeat(30)}`).toString("base64")],
  ["compressed", gzipSync(`key=${NUMBER}\n${Array.from({ length: 99 }, (_, n) => n * n).join()}`).toString("base64")],
])("a secret is found %s", (_, text) => {
  expect(findSecrets(SECRETS, [{ where: "log of create-cluster", text }])).toEqual([
    "log of create-cluster: the value of /masters/a",
  ]);
});

test.each([
  ["a bootstrap token", "[bootstrap-token] Using token: abcdef.0123456789abcdef", "a bootstrap token"],
  ["a private key of anybody", "-----BEGIN EC PRIVATE KEY-----", "a private key"],
  [
    "a token of anybody",
    "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjaSJ9.c2lnbmF0dXJlLi4u",
    "a token of three parts (JWT)",
  ],
])("%s is found by its shape", (_, text, what) => {
  expect(findSecrets(new Map(), [{ where: "history", text }])).toEqual([`history: ${what}`]);
});

test("names, public keys and hashes are no secrets", () => {
  const text = `/masters/a -----BEGIN PUBLIC KEY----- ${NUMBER.slice(1)} sha256:${"ab".repeat(32)}`;

  expect(findSecrets(SECRETS, [{ where: "history", text }])).toEqual([]);
});
