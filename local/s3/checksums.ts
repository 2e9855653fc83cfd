import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

export const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** One checksum of a stream, base64 as S3 writes it. */
export interface Checksum {
  update(data: Uint8Array): void;
  digest(): string;
}

/** Written from the definitions and not with the client's code, so that it checks that too. */
export function checksumOf(algorithm: Algorithm): Checksum {
  switch (algorithm) {
    case "CRC32":
      return crcOf32(crc32);
    case "CRC32C":
      return crcOf32(crc32c);
    case "CRC64NVME":
      return new Crc64();
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm);
      return { update: (data) => void hash.update(data), digest: () => hash.digest("base64") };
    }
  }
}

/** The checksum of an object in parts: that of its parts' checksums, and how many they are. */
export function compositeChecksum(algorithm: Algorithm, parts: readonly string[]): string {
  const checksum = checksumOf(algorithm);
  for (const part of parts) checksum.update(Buffer.from(part, "base64"));
  return `${checksum.digest()}-${parts.length}`;
}

function crcOf32(step: (data: Uint8Array, value: number) => number): Checksum {
  let value = 0;
  return {
    update: (data) => {
      value = step(data, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value >>> 0);
      return bytes.toString("base64");
    },
  };
}

/** Castagnoli's polynomial, reflected. */
const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

function crc32c(data: Uint8Array, initial: number): number {
  let value = ~initial;
  for (const byte of data) value = (value >>> 8) ^ (CASTAGNOLI[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}

/** The polynomial of CRC-64/NVME (0xad93d23594c93659), reflected, in two halves: BigInt would take seconds for 100 MB. */
const NVME = { high: 0x9a6c9329, low: 0xac4bc9b5 };
const [NVME_HIGH, NVME_LOW] = tablesOf64();

function tablesOf64(): [Uint32Array, Uint32Array] {
  const [highs, lows] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = (low >>> 1) | (high << 31);
      high >>>= 1;
      if (odd) [high, low] = [high ^ NVME.high, low ^ NVME.low];
    }
    [highs[byte], lows[byte]] = [high, low];
  }
  return [highs, lows];
}

class Crc64 implements Checksum {
  #high = -1;
  #low = -1;

  update(data: Uint8Array): void {
    let [high, low] = [this.#high, this.#low];
    for (const byte of data) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (NVME_LOW[index] ?? 0);
      high = (high >>> 8) ^ (NVME_HIGH[index] ?? 0);
    }
    [this.#high, this.#low] = [high, low];
  }

  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.toString("base64");
  }
}
