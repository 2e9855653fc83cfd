import type { Engine } from "../engine/engine.ts";
import { releaseVolume } from "./attachments.ts";

/** The volume has failed: `error` permanently, still attached where it was. Its data is the driver's business. */
export function failVolume(engine: Engine, volumeId: string): void {
  engine.store.volumes.get(volumeId).state = "error";
}

/**
 * The volume is gone: nothing describes it any more. AWS reports it by its Health service only, so no event is sent.
 */
export function loseVolume(engine: Engine, volumeId: string): void {
  releaseVolume(engine, engine.store.volumes.get(volumeId));
  engine.store.volumes.remove(volumeId);
  engine.tokens.forget(volumeId);
}

/** Whether a volume stays in a state of its attachment that should pass. */
export function setVolumeStuck(
  engine: Engine,
  volumeId: string,
  state: "attaching" | "detaching",
  stuck: boolean,
): void {
  const volumes = engine.impairments.stuck[state];
  if (!stuck) volumes.delete(volumeId);
  else volumes.add(engine.store.volumes.get(volumeId).id);
}
