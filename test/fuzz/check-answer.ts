import { Ajv2020 } from "ajv/dist/2020.js";
import type { Document, Target } from "./document.ts";
import type { FuzzRequest } from "./requests.ts";

export interface FuzzAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly requestId: string | null;
  readonly text: string;
}

/** What is wrong with an answer by the document; undefined if nothing is. */
export type AnswerCheck = (target: Target, request: FuzzRequest, answer: FuzzAnswer) => string | undefined;

/** Holds answers against the document: no 5xx, only statuses that it lists, and bodies as their schemas say. */
export function answerCheckOf(document: Document): AnswerCheck {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  return ({ method, path, operation }, _request, { status, contentType, requestId, text }) => {
    if (status >= 500) return `${status}: ${text}`;
    const response = operation.responses[String(status)];
    if (response === undefined) return `the status ${status} is not documented: ${text}`;
    if (status === 304 || text === "") return status === 304 && text === "" ? undefined : `${status} has no body`;
    const mediaType = contentType.split(";")[0] ?? "";
    const at = pointerTo(response, `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`);
    const content = `api#${at}/content/${escaped(mediaType)}/schema`;
    const validate = schemaAt(ajv, content);
    if (!validate) return `${status} with ${mediaType} is not documented: ${text}`;
    if (!validate(JSON.parse(text)))
      return `${status} is not as its schema says: ${ajv.errorsText(validate.errors)}\n${text}`;
    // API Gateway's own refusals have its header; ours have this one.
    return requestId === null && mediaType !== "application/json" ? "there is no X-Request-Id" : undefined;
  };
}

function schemaAt(ajv: Ajv2020, reference: string) {
  try {
    return ajv.compile({ $ref: reference });
  } catch {
    return undefined;
  }
}

/** Problems are shared between operations. */
function pointerTo(response: unknown, place: string): string {
  return typeof response === "object" && response !== null && "$ref" in response
    ? String(response.$ref).replace(/^#/, "")
    : place;
}

function escaped(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}
