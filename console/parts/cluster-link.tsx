import { hrefOf } from "../router.ts";
import { Said } from "./basics.tsx";

/** The endpoint of a cluster of this Holdfast itself. */
export const LOCAL = "local";

interface ClusterLinkProps {
  readonly endpoint: string;
  readonly name: string;
}

/** A cluster of this Holdfast has a page here; one of another endpoint is named with it. */
export function ClusterLink({ endpoint, name }: ClusterLinkProps) {
  return endpoint === LOCAL ? <a href={hrefOf("clusters", name)}>{name}</a> : <Said>{`${endpoint}/${name}`}</Said>;
}
