import { isDeepStrictEqual } from "node:util";
import { EndpointUnknown, NotReadyYet } from "../../../functions/domain/cluster/errors.ts";
import type { EndpointRecord, MirrorRecord } from "../../../functions/domain/fleet/endpoint-records.ts";
import type { EndpointStore } from "../../../functions/store/endpoints.ts";

/** What the table holds of endpoints, in maps, under the same conditions. */
export class MemoryEndpointStore implements EndpointStore {
  readonly endpoints = new Map<string, EndpointRecord>();
  readonly mirror = new Map<string, MirrorRecord>();
  /** Writes of the mirror. */
  writes = 0;

  readonly getEndpoint: EndpointStore["getEndpoint"] = async (name) => {
    const found = this.endpoints.get(name);
    if (!found) throw new EndpointUnknown(`there is no endpoint ${name}`);
    return found;
  };
  readonly listEndpoints = async () => [...this.endpoints.values()];
  readonly writeEndpoint: EndpointStore["writeEndpoint"] = async (endpoint, former) => {
    if (former && !isDeepStrictEqual(this.endpoints.get(endpoint.name), former)) throw new NotReadyYet("changed");
    this.endpoints.set(endpoint.name, endpoint);
  };
  readonly deleteEndpoint: EndpointStore["deleteEndpoint"] = async (name) => {
    this.endpoints.delete(name);
  };
  readonly listMirror: EndpointStore["listMirror"] = async (endpoint) =>
    [...this.mirror.values()].filter((each) => endpoint === undefined || each.endpoint === endpoint);
  readonly writeMirror: EndpointStore["writeMirror"] = async (record) => {
    this.writes++;
    this.mirror.set(`${record.endpoint}/${record.cluster}`, record);
  };
  readonly deleteMirror: EndpointStore["deleteMirror"] = async ({ endpoint, cluster }) => {
    this.mirror.delete(`${endpoint}/${cluster}`);
  };
}
