import { XmlShapeDeserializer, XmlShapeSerializer } from "@aws-sdk/core/protocols";
import { FromStringShapeDeserializer, JsonCodec2, ToStringShapeSerializer } from "@smithy/core/protocols";
import type { NormalizedSchema } from "@smithy/core/schema";
import type { Protocol } from "./protocol.ts";

/** Translates single shapes; what surrounds them (envelope, headers) is each protocol's own. */
export interface Codec {
  readJson(schema: NormalizedSchema, text: string): Promise<unknown>;
  readXml(schema: NormalizedSchema, text: string): unknown;
  /** A value that travels outside a body: label, header, query or form parameter. */
  readText(schema: NormalizedSchema, text: string): unknown;
  writeJson(schema: NormalizedSchema, value: unknown): string;
  /** The XML of a structure's members, without the element around them: its name is the protocol's business. */
  writeXmlMembers(schema: NormalizedSchema, value: unknown): string;
  writeText(schema: NormalizedSchema, value: unknown): string;
}

/** Smithy's codes for timestamp formats, used where a shape does not name its own. */
const dateTime = 5;
const epochSeconds = 7;

const utf8 = new TextDecoder();

export function codecFor(protocol: Protocol): Codec {
  const overJson = protocol === "json" || protocol === "restJson";
  const defaultFormat: typeof dateTime | typeof epochSeconds = overJson ? epochSeconds : dateTime;
  const settings = {
    timestampFormat: { useTrait: true, default: defaultFormat },
    httpBindings: protocol === "restJson" || protocol === "restXml",
    jsonName: protocol === "restJson",
    xmlNamespace: "",
    serviceNamespace: "",
  };
  const json = new JsonCodec2(settings);
  return {
    readJson: async (schema, text) => await json.createDeserializer().read(schema, text),
    readXml: (schema, text) => new XmlShapeDeserializer(settings).read(schema, text),
    readText: (schema, text) => new FromStringShapeDeserializer(settings).read(schema, text),
    writeJson(schema, value) {
      const serializer = json.createSerializer();
      serializer.write(schema, value);
      return utf8.decode(serializer.flush());
    },
    writeXmlMembers(schema, value) {
      if (schema.isUnitSchema()) return "";
      const serializer = new XmlShapeSerializer(settings);
      serializer.write(schema, value);
      const xml = serializer.flush();
      return withoutRoot(typeof xml === "string" ? xml : utf8.decode(xml));
    },
    writeText(schema, value) {
      const serializer = new ToStringShapeSerializer(settings);
      serializer.write(schema, value);
      return serializer.flush();
    },
  };
}

function withoutRoot(xml: string): string {
  if (/^<[^>]*\/>$/.test(xml)) return "";
  return xml.slice(xml.indexOf(">") + 1, xml.lastIndexOf("</"));
}
