import { expect, test } from "vitest";
import { initDocuments, joinDocument } from "../testing/image/cluster.ts";
import { requireDocument } from "./kubernetes/kubeadm/config-file.ts";
import {
  clusterConfigurationSchema,
  initConfigurationSchema,
  joinConfigurationSchema,
} from "./kubernetes/kubeadm/config-schema.ts";

const [INIT, CLUSTER] = initDocuments({
  etcdEndpoint: "https://172.20.0.11:2379",
  pki: "/etc/kubernetes/pki",
  port: 6443,
});

function read(kind: string, schema: Parameters<typeof requireDocument>[2], document: unknown) {
  return () => requireDocument(new Map([[kind, document]]), kind, schema);
}

test("a misspelt field is refused by its name", () => {
  const document = { ...INIT, localAPIEndpoint: { advertiseAdress: "172.20.0.11", bindPort: 6443 } };
  expect(read("InitConfiguration", initConfigurationSchema, document)).toThrow(
    'strict decoding error: unknown field "localAPIEndpoint.advertiseAdress"',
  );
});

test("extraArgs as a map, the form of v1beta3, is refused", () => {
  const document = { ...CLUSTER, apiServer: { extraArgs: { "cloud-provider": "external" } } };
  expect(read("ClusterConfiguration", clusterConfigurationSchema, document)).toThrow("apiServer.extraArgs:");
});

test("an older version of the format is refused", () => {
  const document = { ...CLUSTER, apiVersion: "kubeadm.k8s.io/v1beta3" };
  expect(read("ClusterConfiguration", clusterConfigurationSchema, document)).toThrow("apiVersion:");
});

test("all wrong fields are named at once", () => {
  const document = { ...joinDocument({ kubeconfig: "", name: "i-1" }), caCertPath: 7 };
  expect(read("JoinConfiguration", joinConfigurationSchema, document)).toThrow(
    /caCertPath: .*discovery\.file\.kubeConfigPath: /,
  );
});

test("a file without the document that is needed says which", () => {
  expect(() => requireDocument(new Map(), "JoinConfiguration", joinConfigurationSchema)).toThrow(
    "no JoinConfiguration in the configuration file",
  );
});
