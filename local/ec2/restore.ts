import { z } from "zod";
import { boot, bootAgain, terminate } from "./compute/instance-lifecycle.ts";
import { setInstanceState } from "./compute/instance-state.ts";
import { type Engine, forgetLater } from "./engine/engine.ts";
import { releaseInterface } from "./network/interface-attachments.ts";
import { completeNatGateway, finishNatGateway } from "./network/nat-gateways.ts";
import { releaseVolume } from "./storage/attachments.ts";
import { eraseVolume, fillVolume } from "./storage/volumes.ts";

const savedEngine = z.object({ store: z.unknown(), tokens: z.unknown(), ebsDefaultKey: z.string().optional() });

export function snapshotEngine(engine: Engine): unknown {
  return { store: engine.store.snapshot(), tokens: engine.tokens.snapshot(), ebsDefaultKey: engine.ebsDefaultKey.arn };
}

/**
 * Takes the state of an earlier run, and lets continue what was under way. For the hosts the power failed and is back:
 * what ran boots again in place, as an instance does after an outage of its rack. @throws ZodError if `saved` is no
 * snapshot
 */
export function restoreEngine(engine: Engine, saved: unknown): void {
  const { store, tokens, ebsDefaultKey } = savedEngine.parse(saved);
  engine.ebsDefaultKey.arn = ebsDefaultKey;
  engine.store.load(store);
  engine.tokens.load(tokens);
  resumeVolumes(engine);
  resumeInstances(engine);
  resumeNetwork(engine);
}

function resumeInstances(engine: Engine): void {
  for (const instance of engine.store.instances.list()) {
    instance.hosted = false;
    if (instance.state === "pending") boot(engine, instance);
    if (instance.state === "running") bootAgain(engine, instance);
    if (instance.state === "stopping") setInstanceState(engine, instance, "stopped");
    if (instance.state === "terminated") forgetLater(engine, instance, engine.store.instances);
    if (instance.state === "shutting-down") {
      instance.state = "stopped";
      terminate(engine, instance, "power-off");
    }
  }
}

function resumeVolumes(engine: Engine): void {
  for (const volume of engine.store.volumes.list()) {
    if (volume.state === "creating") fillVolume(engine, volume);
    if (volume.state === "deleting") eraseVolume(engine, volume);
    if (volume.attachment) volume.attachment.onHost = false;
    if (volume.attachment?.state === "attaching") volume.attachment.state = "attached";
    if (volume.attachment && volume.attachment.state !== "attached") releaseVolume(engine, volume);
  }
  for (const snapshot of engine.store.snapshots.list()) {
    if (snapshot.state === "pending") snapshot.state = "error";
  }
}

function resumeNetwork(engine: Engine): void {
  for (const gateway of engine.store.natGateways.list()) {
    if (gateway.state === "pending") completeNatGateway(engine, gateway);
    if (gateway.state === "deleting") finishNatGateway(engine, gateway);
    if (gateway.goneAt !== undefined) forgetLater(engine, gateway, engine.store.natGateways);
  }
  for (const networkInterface of engine.store.networkInterfaces.list()) {
    const { attachment } = networkInterface;
    if (attachment?.state === "attaching") attachment.state = "attached";
    if (attachment?.state === "detaching") releaseInterface(engine, networkInterface);
  }
}
