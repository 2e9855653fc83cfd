import type { ClusterSpec } from "../../domain/spec/spec.ts";
import flannelScript from "./flannel.sh";
import vpcNetworkScript from "./vpc-network.sh";

/** What a host needs for one network of pods and for no other, beside the scripts that all hosts run. */
export function networkScripts(network: ClusterSpec["networking"]["used"]): string[] {
  if (network === "amazonvpc") return [vpcNetworkScript];
  return network === "flannel" ? [flannelScript] : [];
}
