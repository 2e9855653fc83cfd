import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type * as z from "zod";
import { quote } from "../domain/spec-values.ts";
import { BadRequest } from "./problems.ts";

/** A spec has a few KB; anything above this is no request. */
const BODY_LIMIT = 65_536;

/** The JSON body, checked by a schema. Throws BadRequest, or zod's error that names every field. */
export const readBody = <S extends z.ZodType>(event: APIGatewayProxyEventV2, schema: S): z.output<S> => {
  const text = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : (event.body ?? "");
  if (text.length > BODY_LIMIT) throw new BadRequest(`the body has over ${BODY_LIMIT} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BadRequest("the body is not JSON");
  }
  return schema.parse(json);
};

/** A path parameter that the route declares. Throws BadRequest, which names it, what was given and what is expected. */
export const pathParameter = <S extends z.ZodType>(
  event: Pick<APIGatewayProxyEventV2, "pathParameters">,
  name: string,
  schema: S,
): z.output<S> => {
  const given = event.pathParameters?.[name];
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const expected = error.issues.map(({ message }) => message).join("; ");
  throw new BadRequest(`${name}: ${quote(given)} cannot be one; expected ${expected}`);
};
