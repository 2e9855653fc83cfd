import type { NormalizedSchema } from "@smithy/core/schema";
import { hasTrait, membersOf, textTrait } from "./schema.ts";
import type { Service } from "./service.ts";

/** `Filter.1.Value.2=x` as a tree: dots separate levels. */
interface FormNode {
  text: string;
  readonly children: Map<string, FormNode>;
}

/** Reads a form of awsQuery or ec2Query into an operation's input: the mirror of the SDK's QueryShapeSerializer. */
export function readForm(service: Service, schema: NormalizedSchema, form: URLSearchParams): unknown {
  return new FormReader(service).read(schema, treeOf(form));
}

function treeOf(form: URLSearchParams): FormNode {
  const root: FormNode = { text: "", children: new Map() };
  for (const [key, value] of form) {
    let node = root;
    for (const part of key.split(".")) {
      const child = node.children.get(part) ?? { text: "", children: new Map() };
      node.children.set(part, child);
      node = child;
    }
    node.text = value;
  }
  return root;
}

class FormReader {
  readonly #service: Service;
  readonly #isEc2: boolean;

  constructor(service: Service) {
    this.#service = service;
    this.#isEc2 = service.protocol === "ec2";
  }

  read(schema: NormalizedSchema, node: FormNode): unknown {
    if (schema.isStructSchema()) return this.#readStructure(schema, node);
    if (schema.isListSchema()) return this.#readList(schema, node);
    if (schema.isMapSchema()) return this.#readMap(schema, node);
    return this.#service.codec.readText(schema, node.text);
  }

  #readStructure(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
    const structure: Record<string, unknown> = {};
    for (const [name, member] of membersOf(schema)) {
      const child = node.children.get(this.#memberKey(name, member));
      if (child) structure[name] = this.read(member, child);
    }
    return structure;
  }

  /** EC2's lists are always flat (`InstanceId.1`); the others' have a level between (`Names.member.1`). */
  #readList(schema: NormalizedSchema, node: FormNode): unknown[] {
    const item = schema.getValueSchema();
    const flat = this.#isEc2 || hasTrait(schema, "xmlFlattened");
    const between = node.children.get(textTrait(item, "xmlName") ?? "member") ?? node.children.get("member");
    const entries = flat ? node.children : (between?.children ?? new Map<string, FormNode>());
    return inOrder(entries).map((entry) => this.read(item, entry));
  }

  #readMap(schema: NormalizedSchema, node: FormNode): Record<string, unknown> {
    const entries = hasTrait(schema, "xmlFlattened") ? node.children : node.children.get("entry")?.children;
    const keyName = textTrait(schema.getKeySchema(), "xmlName") ?? "key";
    const valueSchema = schema.getValueSchema();
    const valueName = textTrait(valueSchema, "xmlName") ?? "value";
    const map: Record<string, unknown> = {};
    for (const entry of inOrder(entries ?? new Map())) {
      const key = entry.children.get(keyName)?.text;
      const value = entry.children.get(valueName);
      if (key !== undefined && value) map[key] = this.read(valueSchema, value);
    }
    return map;
  }

  /** EC2 names parameters by `ec2QueryName`, else by the capitalised `xmlName`. */
  #memberKey(name: string, member: NormalizedSchema): string {
    const key = textTrait(member, "xmlName") ?? name;
    if (!this.#isEc2) return key;
    return textTrait(member, "ec2QueryName") ?? key.charAt(0).toUpperCase() + key.slice(1);
  }
}

function inOrder(entries: ReadonlyMap<string, FormNode>): FormNode[] {
  return [...entries]
    .filter(([key]) => /^\d+$/.test(key))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, node]) => node);
}
