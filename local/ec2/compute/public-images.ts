import { createHash } from "node:crypto";
import type { Engine } from "../engine/engine.ts";
import type { Image } from "../engine/state-compute.ts";
import { addImage, type ImageRequest } from "./images.ts";

const amazon = { ownerId: "137112412989", ownerAlias: "amazon", rootDeviceName: "/dev/xvda" };
const canonical = { ownerId: "099720109477", rootDeviceName: "/dev/sda1" };

function amazonLinux(architecture: Image["architecture"]): ImageRequest {
  return {
    ...amazon,
    architecture,
    name: `al2023-ami-2023.9.20261102.0-kernel-6.1-${architecture}`,
    description: `Amazon Linux 2023 AMI 2023.9.20261102.0 ${architecture} HVM kernel-6.1`,
  };
}

function ubuntu(architecture: Image["architecture"]): ImageRequest {
  const label = architecture === "x86_64" ? "amd64" : "arm64";
  return {
    ...canonical,
    architecture,
    name: `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${label}-server-20261101`,
    description: `Canonical, Ubuntu, 24.04, ${label} noble image`,
  };
}

/** The public images that a fresh account sees. Their ids differ by region, but are always the same in one. */
export function addPublicImages(engine: Engine): void {
  const requests = [amazonLinux("x86_64"), amazonLinux("arm64"), ubuntu("x86_64"), ubuntu("arm64")];
  for (const request of requests) {
    const digest = createHash("sha256").update(`${engine.context.region}/${request.name}`).digest("hex");
    addImage(engine, { ...request, id: `ami-0${digest.slice(0, 16)}`, isPublic: true });
  }
}
