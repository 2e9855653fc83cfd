import { expect, test } from "vitest";
import { ALGORITHMS, checksumOf, compositeChecksum } from "./checksums.ts";

/** Of the nine digits, as the catalogue of parametrised CRC algorithms and FIPS 180 have them. */
test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const)("%s of 123456789", (algorithm, expected) => {
  const checksum = checksumOf(algorithm);
  checksum.update(Buffer.from("12345"));
  checksum.update(Buffer.from("6789"));

  expect(Buffer.from(checksum.digest(), "base64").toString("hex")).toBe(expected);
});

test("of nothing each algorithm has a value, and parts are counted in the checksum of the whole", () => {
  expect(ALGORITHMS.map((algorithm) => checksumOf(algorithm).digest())).toEqual([
    "AAAAAA==",
    "AAAAAA==",
    "AAAAAAAAAAA=",
    "2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
  ]);
  expect(compositeChecksum("CRC32", ["y/Q5Jg==", "y/Q5Jg=="])).toMatch(/^[\w+/]{6}==-2$/);
});
