import { constants, existsSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
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
    const copy = `${path}.copying`;
    await rm(copy, { recursive: true, force: true });
    await cp(this.path(fromVolumeId), copy, {
      recursive: true,
      preserveTimestamps: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
    });
    await rename(copy, path);
  }

  async delete(volumeId: string): Promise<void> {
    await rm(this.#pathOf(volumeId), { recursive: true, force: true });
  }

  #pathOf(volumeId: string): string {
    if (!/^vol-[0-9a-z]+$/.test(volumeId)) throw new Error(`${volumeId} is not a volume id`);
    return join(this.#directory, volumeId);
  }
}
