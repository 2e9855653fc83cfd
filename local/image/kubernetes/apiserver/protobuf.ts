/**
 * What typed clients send, such as `kubectl create namespace`: Kubernetes' envelope around protobuf
 * (apimachinery, `runtime.Unknown`). Known are the kinds that people create by hand; schemas of others are left out.
 */
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

const MAGIC = Buffer.from("k8s\0");
/** Wire types of protobuf. */
const VARINT = 0;
const BYTES = 2;

type Fields = ReadonlyMap<number, readonly Buffer[]>;

/** The object; undefined for a kind that is not known here, and for bytes that are none. */
export function decodeObject(body: Buffer): unknown {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const envelope = readFields(body.subarray(MAGIC.length));
  const type = messageAt(envelope, 1);
  const [apiVersion = "", kind = ""] = [textAt(type, 1), textAt(type, 2)];
  const object = messageAt(envelope, 2);
  const metadata = decodeMetadata(messageAt(object, 1));
  switch (`${apiVersion} ${kind}`) {
    case "v1 Namespace":
      return { apiVersion, kind, metadata };
    case "policy/v1 Eviction":
      return { apiVersion, kind, metadata };
    case "v1 ConfigMap":
      return { apiVersion, kind, metadata, data: mapAt(object, 2, "utf8") };
    case "v1 Secret":
      return { apiVersion, kind, metadata, data: mapAt(object, 2, "base64"), type: textAt(object, 3) || "Opaque" };
    default:
      return undefined;
  }
}

function decodeMetadata(fields: Fields) {
  const [name, generateName, namespace] = [textAt(fields, 1), textAt(fields, 2), textAt(fields, 3)];
  return {
    ...(name && { name }),
    ...(generateName && { generateName }),
    ...(namespace && { namespace }),
    labels: mapAt(fields, 11, "utf8"),
    annotations: mapAt(fields, 12, "utf8"),
  };
}

function readFields(bytes: Buffer): Fields {
  const fields = new Map<number, Buffer[]>();
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = readVarint();
    const wire = key & 7;
    if (wire === VARINT) readVarint();
    if (wire !== BYTES) continue;
    const length = readVarint();
    const number = Math.floor(key / 8);
    fields.set(number, [...(fields.get(number) ?? []), bytes.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}

function messageAt(fields: Fields, number: number): Fields {
  return readFields(fields.get(number)?.at(-1) ?? Buffer.alloc(0));
}

function textAt(fields: Fields, number: number): string | undefined {
  return fields.get(number)?.at(-1)?.toString("utf8");
}

function mapAt(fields: Fields, number: number, encoding: "utf8" | "base64"): Record<string, string> {
  const entries = (fields.get(number) ?? []).map(readFields);
  return Object.fromEntries(
    entries.map((entry) => [textAt(entry, 1) ?? "", (entry.get(2)?.at(-1) ?? Buffer.alloc(0)).toString(encoding)]),
  );
}
