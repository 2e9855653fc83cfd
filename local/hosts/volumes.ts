import { randomUUID } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

/** The EBS volumes of a local cloud, and their snapshots: a directory each, which outlives every host and host runtime. */
export class VolumeStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = join(directory, "volumes");
  }

  /** Where the volume lies. Throws if there is none. */
  path(volumeId: string): string {
    const path = this.#pathOf(volumeId);
    if (!existsSync(path)) throw new Error(`volume ${volumeId} does not exist`);
    return path;
  }

  /** Makes a blank volume, or a copy of another's present content. One that exists already is kept as it is. */
  async create(volumeId: string, fromVolumeId: string | undefined): Promise<void> {
    const path = this.#pathOf(volumeId);
    if (existsSync(path)) return;
    if (fromVolumeId === undefined) {
      await mkdir(path, { recursive: true });
      return;
    }
    await rename(await copyOf(this.path(fromVolumeId)), path);
  }

  /**
   * Tears the volume from who still has it mounted: its data continues in a copy, and what they see ends. Reads of
   * files that are open find nothing or fail (SIGBUS for what is mapped), nothing is found by name and nothing can be
   * made.
   */
  async tearAway(volumeId: string): Promise<void> {
    const path = this.path(volumeId);
    const copy = await copyOf(path);
    const torn = `${path}.torn-${randomUUID()}`;
    await rename(path, torn);
    await rename(copy, path);
    for (const entry of await readdir(torn, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) await truncate(join(entry.parentPath, entry.name));
    }
    await rm(torn, { recursive: true, force: true });
  }

  /**
   * Destroys what is on a volume. Where it is mounted, nothing can be made there either: the root of that mount is
   * gone.
   */
  async wreck(volumeId: string): Promise<void> {
    const path = this.path(volumeId);
    for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
  }

  async delete(volumeId: string): Promise<void> {
    await rm(this.#pathOf(volumeId), { recursive: true, force: true });
  }

  #pathOf(volumeId: string): string {
    if (!/^(vol|snap)-[0-9a-z]+$/.test(volumeId))
      throw new Error(`${volumeId} is not the id of a volume or a snapshot`);
    return join(this.#directory, volumeId);
  }
}

/** After so many tries a volume that is written all the time is copied as it is, torn as it may be. */
const COPIES = 20;

/**
 * Copies a volume as it is at one moment, as EBS does; resolves with the copy's path, in a name that is no volume's.
 */
async function copyOf(path: string): Promise<string> {
  const copy = `${path}.copying-${randomUUID()}`;
  for (let attempt = 1; ; attempt += 1) {
    const before = await writesOf(path);
    try {
      await cp(path, copy, {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
        mode: constants.COPYFILE_FICLONE,
      });
      if (attempt === COPIES || (await writesOf(path)) === before) return copy;
    } catch (error) {
      // A file that its program took away or renamed meanwhile.
      if (attempt === COPIES) throw error;
    }
    await rm(copy, { recursive: true, force: true });
  }
}

/** Changes when anything below is written, made or removed. */
async function writesOf(path: string): Promise<string> {
  const names = await readdir(path, { recursive: true });
  const times = names.map(async (name) => {
    const found = await stat(join(path, name), { bigint: true }).catch(() => undefined);
    return `${name} ${found?.ctimeNs}`;
  });
  return (await Promise.all(times)).toSorted().join("\n");
}
