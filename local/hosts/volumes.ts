import { randomUUID } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** The EBS volumes of a local cloud: a directory each, which outlives every host and every lab. */
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

  /** Puts a copy in the volume's place and the old directory below `grave`, for those who still have its files open. */
  async fence(volumeId: string, grave: string): Promise<void> {
    const path = this.path(volumeId);
    const copy = await copyOf(path);
    await mkdir(grave, { recursive: true });
    await rename(path, join(grave, `${volumeId}-${Date.now()}`));
    await rename(copy, path);
  }

  /** Destroys what is on a volume. Where it is mounted, nothing can be made there either: the root of that mount is gone. */
  async wreck(volumeId: string): Promise<void> {
    const path = this.path(volumeId);
    for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
  }

  async delete(volumeId: string): Promise<void> {
    await rm(this.#pathOf(volumeId), { recursive: true, force: true });
  }

  #pathOf(volumeId: string): string {
    if (!/^vol-[0-9a-z]+$/.test(volumeId)) throw new Error(`${volumeId} is not a volume id`);
    return join(this.#directory, volumeId);
  }
}

/** Copies a volume; resolves with the copy's path, in a name that is no volume's. */
async function copyOf(path: string): Promise<string> {
  const copy = `${path}.copying-${randomUUID()}`;
  await cp(path, copy, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  return copy;
}
