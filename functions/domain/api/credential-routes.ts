import { CERTIFICATE_REQUEST_EXAMPLE, KUBECONFIG_EXAMPLE, NODE_CERTIFICATE_EXAMPLE } from "./examples.ts";
import { REQUESTS } from "./requests.ts";
import type { ApiRoute } from "./route-types.ts";
import { KubeconfigViewSchema } from "./views.ts";

/** Routes that sign a key of the caller. */
export const CREDENTIAL_ROUTES = {
  issueKubeconfig: {
    request: REQUESTS.issueKubeconfig,
    tag: "Clusters",
    summary: "Become an administrator in a cluster, for some hours",
    description:
      "Signs your key with the cluster's authority. The key stays with you, and no answer holds a secret. The event history records who asked.",
    function: "issue-kubeconfig",
    answers: {
      200: { description: "What a kubeconfig is made of.", schema: KubeconfigViewSchema, example: KUBECONFIG_EXAMPLE },
    },
    problems: ["cluster-unknown"],
    body: {
      schema: REQUESTS.issueKubeconfig.body,
      example: { certificateRequest: CERTIFICATE_REQUEST_EXAMPLE, minutes: 60 },
    },
  },
  issueNodeCertificate: {
    request: REQUESTS.issueNodeCertificate,
    tag: "Clusters",
    summary: "Join a cluster as the node that the caller is",
    description:
      "For instances alone, each for itself: signed with the role of the cluster's nodes. Roles of this API do not cover it, and tokens are not taken. " +
      "EC2 must know the instance as the cluster's node. The certificate is good for an hour; one key is certified for an instance.",
    function: "issue-node-certificate",
    answers: {
      200: {
        description: "What the node's kubeconfig is made of.",
        schema: KubeconfigViewSchema,
        example: NODE_CERTIFICATE_EXAMPLE,
      },
    },
    problems: ["node-key-taken"],
    body: {
      schema: REQUESTS.issueNodeCertificate.body,
      example: { certificateRequest: CERTIFICATE_REQUEST_EXAMPLE },
    },
  },
} as const satisfies Record<string, ApiRoute>;
