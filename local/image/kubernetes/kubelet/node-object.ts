import { readFileSync } from "node:fs";
import { arch, availableParallelism, networkInterfaces, release, totalmem } from "node:os";
import { kubernetesVersion } from "../common/version.ts";
import type { KubeletOptions } from "./options.ts";

/**
 * The Node that describes this host, as the kubelet registers it and the cloud controller completes it. Without a network
 * for its pods it is not Ready.
 */
export function describeNode(options: KubeletOptions, hasNetwork: boolean) {
  const { nodeName, providerId } = options;
  const zone = /^aws:\/\/\/([a-z0-9-]+)\//.exec(providerId ?? "")?.[1];
  const architecture = arch() === "x64" ? "amd64" : arch();
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: nodeName,
      labels: {
        "kubernetes.io/arch": architecture,
        "kubernetes.io/hostname": nodeName,
        "kubernetes.io/os": "linux",
        ...(zone && zoneLabels(zone)),
        ...options.labels,
      },
    },
    spec: { ...(providerId && { providerID: providerId }) },
    status: describeStatus(options, architecture, hasNetwork),
  };
}

/** On AWS the cloud controller sets them; nothing else of it is needed here. */
function zoneLabels(zone: string): Record<string, string> {
  return { "topology.kubernetes.io/zone": zone, "topology.kubernetes.io/region": zone.replace(/[a-z]$/, "") };
}

function describeStatus({ nodeName, nodeIp }: KubeletOptions, architecture: string, hasNetwork: boolean) {
  const now = new Date().toISOString();
  const condition = (type: string, status: string, reason: string, message: string) => {
    return { type, status, reason, message, lastHeartbeatTime: now, lastTransitionTime: now };
  };
  const resources = { cpu: String(availableParallelism()), memory: `${Math.floor(totalmem() / 1024)}Ki`, pods: "110" };
  return {
    addresses: [
      { type: "InternalIP", address: nodeIp ?? firstAddress() },
      { type: "Hostname", address: nodeName },
    ],
    capacity: resources,
    allocatable: resources,
    conditions: [
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
      condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
      hasNetwork
        ? condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
        : condition("Ready", "False", "KubeletNotReady", "container runtime network not ready"),
    ],
    nodeInfo: {
      architecture,
      operatingSystem: "linux",
      kernelVersion: release(),
      osImage: "local cloud",
      containerRuntimeVersion: "stand-in of the local cloud",
      kubeletVersion: kubernetesVersion(),
      bootID: readBootId(),
    },
  };
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}
