import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { VolumeDamage } from "./host-faults.ts";

/** bbolt's two meta pages: a header of 16 bytes, then what a store is recognised by (`bbolt/internal/common/meta.go`). */
const META_PAGES = { pageBytes: 4096, start: 16, length: 64 };
/** The length of a frame of a write-ahead log; its highest byte says how many bytes of padding follow the record. */
const FRAME_BYTES = 8;

/**
 * Where the second record of a write-ahead log lies, the members' ids: a checksum covers it, which the first one and the
 * padding do not have (`server/storage/wal/decoder.go` of etcd).
 */
function walMetadata(content: Buffer): { start: number; length: number } {
  const frameAt = (offset: number) => ({
    length: content.readUIntLE(offset, 6),
    padding: (content[offset + 7] ?? 0) & 0x7,
  });
  const first = frameAt(0);
  const second = FRAME_BYTES + first.length + first.padding;
  return { start: second + FRAME_BYTES, length: frameAt(second).length };
}

/** Damages every file of the kind below a volume's directory. Rejects if there is none. */
export async function damageEtcdData(directory: string, damage: VolumeDamage): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && (damage.file === "db" ? entry.name === "db" : entry.name.endsWith(".wal")),
  );
  if (files.length === 0) throw new Error(`there is no ${damage.file} of etcd on the volume`);
  for (const file of files) await damageFile(join(file.parentPath, file.name), damage);
}

async function damageFile(path: string, { file, how, random }: VolumeDamage): Promise<void> {
  await using handle = await open(path, "r+");
  const content = await handle.readFile();
  if (how === "truncate") {
    // Both files are allocated ahead with zeros: only what lies before the last byte that is not zero counts.
    const used = content.findLastIndex((byte) => byte !== 0) + 1;
    await handle.truncate(Math.floor(used / 2));
    return;
  }
  const ranges =
    file === "wal"
      ? [walMetadata(content)]
      : [0, META_PAGES.pageBytes].map((page) => ({ ...META_PAGES, start: page + META_PAGES.start }));
  for (const { start, length } of ranges) {
    const position = start + Math.floor(random() * length);
    const flipped = (content[position] ?? 0) ^ (1 << Math.floor(random() * 8));
    await handle.write(Uint8Array.of(flipped), 0, 1, position);
  }
}
