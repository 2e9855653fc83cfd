import { createSocket } from "node:dgram";
import { resolverAddress } from "../root-file-system.ts";

const typeA = 1;
const noError = 0;
const nameError = 3;
const shortLifeSeconds = 5;

type LookUp = (name: string) => Promise<readonly string[] | undefined>;

/** The DNS resolver of a VPC: load balancers, hosts by id and by address, hosted zones; other names do not exist. */
export async function listenResolver(lookUp: LookUp): Promise<void> {
  const socket = createSocket("udp4");
  const answer = async (query: Buffer, port: number, address: string): Promise<void> => {
    const reply = await answerQuery(query, lookUp);
    if (reply) socket.send(reply, port, address);
  };
  // Without an answer the client asks again.
  socket.on("message", (query, from) => void answer(query, from.port, from.address).catch(() => undefined));
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(53, resolverAddress, resolve);
  });
  socket.on("error", () => undefined);
}

/** Answers one DNS message (RFC 1035 §4) with address records; undefined for what is not a query of one question. */
async function answerQuery(query: Buffer, lookUp: LookUp): Promise<Buffer | undefined> {
  if (query.length < 17 || (query.readUInt16BE(2) & 0x8000) !== 0 || query.readUInt16BE(4) !== 1) return undefined;
  const question = readQuestion(query);
  if (!question) return undefined;
  const addresses = await lookUp(question.name.toLowerCase());
  const records = question.type === typeA ? (addresses ?? []) : [];
  const header = Buffer.alloc(12);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  // Response, authoritative; recursion is offered if it was desired.
  header.writeUInt16BE(0x8480 | (query.readUInt16BE(2) & 0x0100) | (addresses ? noError : nameError), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, question.end), ...records.map(addressRecord)]);
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } | undefined {
  const labels: string[] = [];
  let at = 12;
  for (;;) {
    const length = query[at];
    // A compressed name cannot occur in the first question.
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    labels.push(query.toString("latin1", at, at + length));
    at += length;
  }
  if (at + 4 > query.length) return undefined;
  return { name: labels.join("."), type: query.readUInt16BE(at), end: at + 4 };
}

function addressRecord(address: string): Buffer {
  const record = Buffer.alloc(16);
  // The name is a pointer to the question's, at offset 12.
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(typeA, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(shortLifeSeconds, 6);
  record.writeUInt16BE(4, 10);
  Buffer.from(address.split(".").map(Number)).copy(record, 12);
  return record;
}
