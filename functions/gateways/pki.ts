import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import * as z from "zod";

cryptoProvider.set(globalThis.crypto);

const EC = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;
/** Clocks of hosts may run behind the function's by this much (faults Q7). */
const BACKDATE_MS = 5 * 60_000;
const CA_DAYS = 3650;
/** A year, as kubeadm issues; each replacement of a master issues anew. */
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

const generateKeys = () => crypto.subtle.generateKey(EC, true, ["sign", "verify"]);
const privatePem = async (keys: webcrypto.CryptoKeyPair) =>
  PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
const publicPem = async (keys: webcrypto.CryptoKeyPair) =>
  PemConverter.encode(await crypto.subtle.exportKey("spki", keys.publicKey), "PUBLIC KEY");
/** Positive and random, 128 bits. */
const serialNumber = () => Buffer.from([1, ...crypto.getRandomValues(new Uint8Array(15))]).toString("hex");

const issueAuthority = async (name: string, now: Date): Promise<Pair> => {
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
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privatePem(keys) };
};

/** New authorities for a new cluster. Names are those that kubeadm gives. */
export const issueAuthorities = async (now: Date): Promise<Authorities> => {
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
};

export interface LeafRequest {
  readonly commonName: string;
  readonly usages: readonly ("server" | "client")[];
  readonly addresses?: readonly string[];
  readonly names?: readonly string[];
}

/** A certificate signed by one of the authorities. */
export const issueLeaf = async (authority: Pair, want: LeafRequest, now: Date): Promise<Pair> => {
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await crypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(authority.key), EC, false, [
    "sign",
  ]);
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${want.commonName}`,
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - BACKDATE_MS),
    notAfter: new Date(now.getTime() + LEAF_DAYS * DAY_MS),
    signingAlgorithm: SIGNING,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension(
        want.usages.map((usage) => (usage === "server" ? ExtendedKeyUsage.serverAuth : ExtendedKeyUsage.clientAuth)),
      ),
      new SubjectAlternativeNameExtension([
        ...(want.addresses ?? []).map((value) => ({ type: "ip" as const, value })),
        ...[want.commonName, ...(want.names ?? [])].map((value) => ({ type: "dns" as const, value })),
      ]),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await privatePem(keys) };
};
