import "reflect-metadata";
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** Kubernetes' PKI on P-256 keys throughout: the algorithm that kubeadm calls `ECDSA-P256`. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** kubeadm's defaults: certificates for a year, made valid a little early because clocks differ. */
const VALIDITY_MS = 365 * 24 * 3_600_000;
const CLOCK_SKEW_MS = 5 * 60_000;

export interface Authority {
  readonly certificate: x509.X509Certificate;
  readonly key: webcrypto.CryptoKey;
}

export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateRequest {
  readonly subject: Subject;
  readonly usage: "client" | "server" | "both";
  /** DNS names and IP addresses, mixed. */
  readonly alternativeNames?: readonly string[];
}

/** PEM text of a certificate and its PKCS #8 key. */
export interface CertificateAndKey {
  readonly certificate: string;
  readonly key: string;
}

/** A certificate authority from PEM text. Throws if the key is no P-256 key or not that certificate's. */
export function loadAuthority(certificate: string, key: string): Authority {
  const privateKey = createPrivateKey(key);
  if (!new X509Certificate(certificate).checkPrivateKey(privateKey)) {
    throw new Error("the certificate authority's key does not belong to its certificate");
  }
  return {
    certificate: new x509.X509Certificate(certificate),
    key: privateKey.toCryptoKey(ALGORITHM, false, ["sign"]),
  };
}

/** A self-signed authority, as `kubeadm init phase certs ca` makes one. */
export async function createAuthority(commonName: string): Promise<CertificateAndKey> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(10 * VALIDITY_MS),
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, key: await keyPem(keys.privateKey) };
}

/** A new key with a certificate for it, signed by `authority`. */
export async function issueCertificate(authority: Authority, request: CertificateRequest): Promise<CertificateAndKey> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  return {
    certificate: await signCertificate(authority, request, keys.publicKey),
    key: await keyPem(keys.privateKey),
  };
}

/** A new key with a signing request for it, both PEM. */
export async function createSigningRequest(subject: Subject): Promise<{ request: string; key: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: distinguishedName(subject),
    keys,
    signingAlgorithm: ALGORITHM,
  });
  return { request: request.toString("pem"), key: await keyPem(keys.privateKey) };
}

/** Reads a PEM signing request; undefined if it is malformed or its signature is not its key's. */
export async function readSigningRequest(
  pem: string,
): Promise<{ subject: Subject; publicKey: x509.PublicKey } | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) return undefined;
    const [commonName = ""] = request.subjectName.getField("CN");
    return { subject: { commonName, organizations: request.subjectName.getField("O") }, publicKey: request.publicKey };
  } catch {
    return undefined;
  }
}

/** A PEM certificate for `publicKey`, signed by `authority`. */
export async function signCertificate(
  authority: Authority,
  request: CertificateRequest,
  publicKey: x509.PublicKeyType,
): Promise<string> {
  const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;
  const usages = { client: [clientAuth], server: [serverAuth], both: [serverAuth, clientAuth] };
  const names = (request.alternativeNames ?? []).map((value) => ({ type: isIP(value) ? "ip" : "dns", value }) as const);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(VALIDITY_MS),
    subject: distinguishedName(request.subject),
    issuer: authority.certificate.subjectName,
    publicKey,
    signingKey: authority.key,
    signingAlgorithm: ALGORITHM,
    serialNumber: serialNumber(),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(usages[request.usage]),
      ...authorityKeyIdentifier(authority),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

/** As Go's library does, which kubeadm and the controllers sign with: what the authority says of its key, or nothing. */
function authorityKeyIdentifier({ certificate }: Authority): x509.Extension[] {
  const identifier = certificate.getExtension(x509.SubjectKeyIdentifierExtension);
  return identifier ? [new x509.AuthorityKeyIdentifierExtension(identifier.keyId)] : [];
}

function distinguishedName(subject: Subject): x509.JsonName {
  const organizations = subject.organizations ?? [];
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [subject.commonName] }];
}

function validity(durationMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - CLOCK_SKEW_MS), notAfter: new Date(now + durationMs) };
}

/** 120 random bits, led by a zero octet: positive, and unique without a register. */
function serialNumber(): string {
  return `00${randomBytes(15).toString("hex")}`;
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}
