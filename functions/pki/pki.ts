import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import * as z from "zod";

cryptoProvider.set(globalThis.crypto);

const EC = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Clocks of hosts may run behind the function's by this much (docs/references/faults.md#q7). */
const BACKDATE_MS = 5 * 60_000;
const CA_DAYS = 3650;
/** A year, as kubeadm issues; each replacement of a master issues again. */
const LEAF_DAYS = 365;

const Pair = z.strictObject({ certificate: z.string(), key: z.string() });
export type Pair = z.output<typeof Pair>;

/** Every authority of a cluster; kept in one SecureString that functions alone may read. */
export const Authorities = z.strictObject({
  kubernetes: Pair,
  frontProxy: Pair,
  etcd: Pair,
  /** Signs service account tokens: no certificate, a public key instead. */
  serviceAccount: z.strictObject({ publicKey: z.string(), key: z.string() }),
});
export type Authorities = z.output<typeof Authorities>;

function generateKeys() {
  return crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
}

async function privatePem(keys: webcrypto.CryptoKeyPair) {
  return PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
}

async function publicPem(keys: webcrypto.CryptoKeyPair) {
  return PemConverter.encode(await crypto.subtle.exportKey("spki", keys.publicKey), "PUBLIC KEY");
}

/** Positive and random, 128 bits. */
function serialNumber() {
  return Buffer.from([1, ...crypto.getRandomValues(new Uint8Array(15))]).toString("hex");
}

async function issueAuthority(name: string, now: Date): Promise<Pair> {
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + CA_DAYS * DAY_MS),
    signingAlgorithm: SIGNING,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign | KeyUsageFlags.digitalSignature, true),
      // kubeadm copies it into what it signs; strict clients (Python 3.13) refuse a chain without
      // (kubernetes-client/python#2394).
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privatePem(keys) };
}

/** New authorities for a new cluster. Names are those that kubeadm gives. */
export async function issueAuthorities(now: Date): Promise<Authorities> {
  const serviceAccount = await generateKeys();
  const [kubernetes, frontProxy, etcd] = await Promise.all([
    issueAuthority("kubernetes", now),
    issueAuthority("front-proxy-ca", now),
    issueAuthority("etcd-ca", now),
  ]);
  return {
    kubernetes,
    frontProxy,
    etcd,
    serviceAccount: { publicKey: await publicPem(serviceAccount), key: await privatePem(serviceAccount) },
  };
}

export interface LeafRequest {
  readonly commonName: string;
  readonly usages: readonly ("server" | "client")[];
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
}

interface Unsigned {
  readonly subject: string | JsonName;
  readonly publicKey: webcrypto.CryptoKey;
  readonly notAfter: Date;
  readonly extensions: readonly Extension[];
}

/** Signs for one who is no authority, with the identifiers of both keys (RFC 5280). */
async function sign(authority: Pair, unsigned: Unsigned, now: Date): Promise<string> {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(authority.key), EC, false, [
    "sign",
  ]);
  const { subject, publicKey, notAfter, extensions } = unsigned;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject,
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter,
    signingAlgorithm: SIGNING,
    publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      await SubjectKeyIdentifierExtension.create(publicKey),
      ...extensions,
    ],
  });
  return certificate.toString("pem");
}

/** A certificate signed by one of the authorities. */
export async function issueLeaf(authority: Pair, request: LeafRequest, now: Date): Promise<Pair> {
  const keys = await generateKeys();
  const certificate = await sign(
    authority,
    {
      subject: `CN=${request.commonName}`,
      publicKey: keys.publicKey,
      notAfter: new Date(now.getTime() + LEAF_DAYS * DAY_MS),
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
        new ExtendedKeyUsageExtension(
          request.usages.map((usage) =>
            usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth,
          ),
        ),
        new SubjectAlternativeNameExtension([
          ...(request.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
          ...[request.commonName, ...(request.names ?? [])].map((value) => ({ type: "dns" as const, value })),
        ]),
      ],
    },
    now,
  );
  return { certificate, key: await privatePem(keys) };
}

/** When the first of the certificates in a text expires; undefined if there is none. */
export function firstExpiry(pems: string): Date | undefined {
  const ends = PemConverter.decodeWithHeaders(pems)
    .filter(({ type }) => type === "CERTIFICATE")
    .map(({ rawData }) => new X509Certificate(rawData).notAfter.getTime());
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}

/** What a caller asks to be certified as, with a key that only the caller has. */
export interface ClientRequest {
  /** PKCS#10 in PEM. Of what it says only the public key counts, and that it is signed with that key. */
  readonly request: string;
  readonly commonName: string;
  /** Kubernetes reads groups from it. */
  readonly organization: string;
  readonly minutes: number;
}

/**
 * A client's certificate for a key that the authority never sees. Throws UnusableRequest for a request that is none, or
 * for a key that is too weak.
 */
export async function issueClient(
  authority: Pair,
  { request, commonName, organization, minutes }: ClientRequest,
  now: Date,
): Promise<{ certificate: string; expiresAt: Date }> {
  const expiresAt = new Date(now.getTime() + minutes * 60_000);
  const certificate = await sign(
    authority,
    {
      subject: [{ O: [organization] }, { CN: [commonName] }],
      publicKey: await verifiedKey(request),
      notAfter: expiresAt,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
      ],
    },
    now,
  );
  return { certificate, expiresAt };
}

const CURVES = new Set(["P-256", "P-384"]);
const MIN_RSA_BITS = 2048;
const KeyAlgorithm = z.object({
  name: z.string(),
  namedCurve: z.string().optional(),
  modulusLength: z.number().optional(),
});

/** What a certificate request says of itself. */
export interface RequestFacts {
  readonly commonNames: readonly string[];
  readonly organizations: readonly string[];
  /** SHA-256 of the public key, in hex. */
  readonly keyHash: string;
}

/** Throws UnusableRequest for a request that is none, that its own key has not signed, or whose key is too weak. */
export async function readRequest(pem: string): Promise<RequestFacts> {
  const key = await crypto.subtle.exportKey("spki", await verifiedKey(pem));
  const { subjectName } = new Pkcs10CertificateRequest(pem);
  const keyHash = Buffer.from(await crypto.subtle.digest("SHA-256", key)).toString("hex");
  return { commonNames: subjectName.getField("CN"), organizations: subjectName.getField("O"), keyHash };
}

async function verifiedKey(pem: string): Promise<webcrypto.CryptoKey> {
  const key = await readKey(pem).catch(() => undefined);
  if (key === undefined) throw new UnusableRequest("it is no certificate signing request that its own key has signed");
  const { name, namedCurve = "", modulusLength = 0 } = KeyAlgorithm.parse(key.algorithm);
  if (CURVES.has(namedCurve) || name === "Ed25519" || modulusLength >= MIN_RSA_BITS) return key;
  throw new UnusableRequest(`its key is too weak: use P-256, P-384, Ed25519, or RSA of ${MIN_RSA_BITS} bits`);
}

async function readKey(pem: string): Promise<webcrypto.CryptoKey | undefined> {
  const request = new Pkcs10CertificateRequest(pem);
  return (await request.verify()) ? await request.publicKey.export() : undefined;
}

/** A certificate request that nothing is signed for. The message is the end of a sentence that begins with its name. */
export class UnusableRequest extends Error {
  override readonly name = "UnusableRequest";
}
