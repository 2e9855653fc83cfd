import type { HealthCheckConfig } from "@aws-sdk/client-route-53";
import type { CloudEvent } from "../context/context.ts";
import type { ElbV2 } from "../elbv2/elbv2.ts";
import type { EventOrigin } from "../eventbridge/event-bridge.ts";
import type { HostDriver } from "../hosts/driver.ts";
import type { Caller } from "../iam/caller.ts";
import type { AssumeRole } from "../iam/sts.ts";
import type { Names } from "../route53/answers.ts";
import {
  answered,
  NAME_UNKNOWN,
  type ProbeLimits,
  type ProbeResult,
  probeEndpoint,
  REFUSED,
} from "../route53/probe.ts";
import type { Route53 } from "../route53/route53.ts";

export interface ForeignEvent {
  readonly busArn: string;
  readonly event: CloudEvent;
  readonly from: EventOrigin;
}

/** What a local cloud shows to everybody: its load balancers and its hosted zones, and what its policies allow. */
export interface PublicSide {
  readonly elbV2: Pick<ElbV2, "resolve" | "addresses" | "isHealthy">;
  readonly route53: Pick<Route53, "resolve">;
  readonly hosts: Pick<HostDriver, "kind" | "probe" | "forward">;
  readonly assumeRole: AssumeRole;
  readonly isOwnBus: (busArn: string) => boolean;
  /** Throws `AccessDeniedException`. */
  readonly putEvent: (request: ForeignEvent, caller: Caller) => void;
}

export interface Place {
  readonly vpcId: string;
  readonly address: string;
  /** A port of this machine that leads there. */
  forward(port: number): Promise<number>;
}

/** What several local clouds of one process have in common: public names, and the way to what they stand for. */
export class Internet implements Names {
  readonly #clouds = new Set<PublicSide>();

  /** Returns how to leave again. */
  join(cloud: PublicSide): () => void {
    this.#clouds.add(cloud);
    return () => this.#clouds.delete(cloud);
  }

  addresses(name: string): readonly string[] | undefined {
    return this.#ownerOf(name)?.elbV2.addresses(name);
  }

  isHealthy(name: string): boolean {
    return this.#ownerOf(name)?.elbV2.isHealthy(name) ?? false;
  }

  /** The addresses that a name stands for, wherever its zone or its load balancer is. */
  resolve(name: string): readonly string[] | undefined {
    return this.addresses(name) ?? this.#answer(name)?.values;
  }

  /** Where a name leads: a load balancer's own, or a record's that stands for one. */
  locate(name: string): Place | undefined {
    const balancer = this.#ownerOf(name) ? name : this.#answer(name)?.target;
    const owner = balancer === undefined ? undefined : this.#ownerOf(balancer);
    const place = balancer === undefined ? undefined : owner?.elbV2.resolve(balancer);
    return owner && place && { ...place, forward: (port) => owner.hosts.forward(place.vpcId, place.address, port) };
  }

  /** Asks an endpoint as a health checker does, which comes from outside of every VPC. */
  async probe(config: HealthCheckConfig, limits: ProbeLimits): Promise<ProbeResult> {
    const { FullyQualifiedDomainName: name = "", IPAddress: address, Port: port = 80 } = config;
    // Public addresses lead nowhere here: hosts have only private ones.
    if (address !== undefined) return REFUSED;
    const host = name.toLowerCase().replace(/\.$/, "");
    const balancer = this.#ownerOf(host) ? host : this.#answer(host)?.target;
    const owner = balancer === undefined ? undefined : this.#ownerOf(balancer);
    if (balancer === undefined || !owner) return NAME_UNKNOWN;
    const place = owner.elbV2.resolve(balancer, { from: "internet" });
    if (!place) return REFUSED;
    if (config.Type === "TCP" || owner.hosts.kind === "simulated") {
      const path = config.Type === "TCP" ? {} : { path: config.ResourcePath ?? "/" };
      const options = { timeoutMs: limits.connectMs, ...path };
      const reachable = await owner.hosts.probe(place.vpcId, place.address, port, options);
      return reachable ? answered(config) : REFUSED;
    }
    const local = await owner.hosts.forward(place.vpcId, place.address, port);
    return await probeEndpoint(config, { host: "127.0.0.1", port: local }, limits);
  }

  /** Keys of a role of any account that is there; undefined if none has it, or it does not trust the caller. */
  assumeRole(...request: Parameters<AssumeRole>): ReturnType<AssumeRole> {
    for (const cloud of this.#clouds) {
      const answer = cloud.assumeRole(...request);
      if (answer) return answer;
    }
    return undefined;
  }

  /** False if there is no such account or Region. Throws `AccessDeniedException`. */
  putEvent(request: ForeignEvent, caller: Caller): boolean {
    const owner = [...this.#clouds].find((cloud) => cloud.isOwnBus(request.busArn));
    owner?.putEvent(request, caller);
    return owner !== undefined;
  }

  #ownerOf(name: string): PublicSide | undefined {
    return [...this.#clouds].find(({ elbV2 }) => elbV2.addresses(name) !== undefined);
  }

  #answer(name: string): ReturnType<Route53["resolve"]> | undefined {
    const answers = [...this.#clouds].map(({ route53 }) => route53.resolve(name));
    return answers.find(({ values, target }) => values.length > 0 || target !== undefined);
  }
}
