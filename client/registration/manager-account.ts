import { request } from "node:https";
import { text } from "node:stream/consumers";
import * as z from "zod";
import { parseJson } from "../../functions/domain/text/parse-json.ts";
import { CommandFailed } from "../api-errors.ts";
import type { Credential } from "../credential-cache.ts";
import { EXIT } from "../exit-codes.ts";
import { REGISTRATION_LABEL } from "./plan-registration.ts";

const NAMESPACE = "kube-system";
const ACCOUNTS = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
const BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
/** Each day's run replaces it. An API server may give less. */
const TOKEN_SECONDS = 30 * 86_400;
const LIMIT_MS = 15_000;

const Owned = z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()).default({}) }) });
const TokenAnswer = z.looseObject({ status: z.looseObject({ token: z.string().min(1) }) });
const Status = z.looseObject({ message: z.string() });

/** A name a registration, so that one that ends takes no other's account away. */
function accountName(registration: string): string {
  return `argocd-manager.${registration}`;
}

/**
 * A token of the registration's own service account in the cluster, which is bound to `cluster-admin`. Both are made if
 * they are not there. Throws CommandFailed, also where somebody else has made something of that name.
 */
export async function issueManagerToken(credential: Credential, registration: string): Promise<string> {
  const name = accountName(registration);
  const labels = { "app.kubernetes.io/managed-by": "holdfast", [REGISTRATION_LABEL]: registration };
  const metadata = { name, labels };
  await ensure(credential, ACCOUNTS, { apiVersion: "v1", kind: "ServiceAccount", metadata });
  await ensure(credential, BINDINGS, {
    ...{ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", namespace: NAMESPACE, name }],
  });
  const asked = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" };
  const spec = { expirationSeconds: TOKEN_SECONDS };
  const answer = await send(credential, "POST", `${ACCOUNTS}/${name}/token`, { ...asked, spec });
  return TokenAnswer.parse(requireDone(answer)).status.token;
}

/** With the account all its tokens end. What is not there, or not of this registration, is left. */
export async function removeManager(credential: Credential, registration: string): Promise<void> {
  for (const collection of [BINDINGS, ACCOUNTS]) {
    const path = `${collection}/${accountName(registration)}`;
    const found = await send(credential, "GET", path);
    if (found.status === 404 || !isOurs(requireDone(found), registration)) continue;
    const removed = await send(credential, "DELETE", path);
    if (removed.status !== 404) requireDone(removed);
  }
}

interface Made extends Readonly<Record<string, unknown>> {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
}

async function ensure(credential: Credential, collection: string, object: Made): Promise<void> {
  const { name, labels } = object.metadata;
  const made = await send(credential, "POST", collection, object);
  if (made.status !== 409) return void requireDone(made);
  const found = requireDone(await send(credential, "GET", `${collection}/${name}`));
  if (isOurs(found, labels[REGISTRATION_LABEL] ?? "")) return;
  throw new CommandFailed(`${collection}/${name} of the cluster is not Holdfast's: remove or rename it`, EXIT.conflict);
}

function isOurs(object: unknown, registration: string): boolean {
  return Owned.safeParse(object).data?.metadata.labels[REGISTRATION_LABEL] === registration;
}

interface Answer {
  readonly status: number;
  readonly document: unknown;
  readonly what: string;
}

function requireDone({ status, document, what }: Answer): unknown {
  if (status < 400) return document;
  const why = Status.safeParse(document).data?.message ?? `status ${status}`;
  throw new CommandFailed(`the cluster refuses ${what}: ${why}`, status === 409 ? EXIT.conflict : EXIT.failed);
}

/** As the administrator whose certificate was issued for this. */
function send(credential: Credential, method: string, path: string, body?: object): Promise<Answer> {
  const { server, certificateAuthority: ca, certificate: cert, key } = credential;
  const headers = { accept: "application/json", ...(body ? { "content-type": "application/json" } : {}) };
  const signal = AbortSignal.timeout(LIMIT_MS);
  return new Promise((resolve, reject) => {
    const fail = ({ message }: Error) => reject(new CommandFailed(`cannot reach ${server}: ${message}`, EXIT.failed));
    const asked = request(new URL(path, server), { method, headers, ca, cert, key, agent: false, signal }, (answer) => {
      text(answer).then((content) => {
        const status = answer.statusCode ?? 500;
        resolve({ status, document: parseJson(content), what: `${method} ${path}` });
      }, fail);
    });
    asked.once("error", fail);
    asked.end(body && JSON.stringify(body));
  });
}
