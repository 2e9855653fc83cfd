// @ts-nocheck
/**
 * Holdfast
 * 1.0.0
 * DO NOT MODIFY - This file has been generated using oazapfts.
 * See https://www.npmjs.com/package/oazapfts
 */
import * as Oazapfts from "@oazapfts/runtime";
import * as QS from "@oazapfts/runtime/query";
export const defaults: Oazapfts.Defaults<Oazapfts.CustomHeaders> = {
    headers: {},
    baseUrl: "/"
};
const oazapfts = Oazapfts.runtime(defaults);
export const servers = {
    signed: "/",
    withAToken: "/token"
};
export type Spec = {
    /** Version of this schema. */
    version?: 1;
    /** Name of the cluster; it cannot be changed. */
    name: string;
    /** Region of all zones; it follows from them. */
    region?: string;
    /** Zones of the nodes. */
    zones: string[];
    /** Zone of each master, one entry a master, an odd number of them. Absent: one, in the first zone. */
    masterZones?: string[];
    /** Masters, odd; spread over `masterZones`, or `zones`, in turn. */
    masterCount?: number;
    /** Nodes of the whole cluster. Absent: one a zone. */
    nodeCount?: number;
    /** Instance type of nodes; t3.medium if absent. */
    nodeSize?: string;
    /** Instance type of masters; t3.medium if absent. */
    masterSize?: string;
    /** Types that a master may have instead, in this order, while there is no capacity. */
    masterSizeFallbacks?: string[];
    /** What a master does whose zone launches nothing for long; `wait` if absent. */
    masterZoneFallback?: "wait" | "move";
    /** For how long its launches fail before a master moves; 30 if absent. */
    masterZoneFallbackMinutes?: number;
    /** `private` has NAT gateways and no public addresses; `public` if absent. */
    topology?: "public" | "private";
    /** Network of the pods; cilium if absent. */
    networking?: string | {
        requested: string;
        used: "cilium" | "calico" | "flannel" | "amazonvpc" | "kindnet" | "cni";
    };
    /** The VPC's network, private, /16 to /20; 172.20.0.0/16 if absent. */
    networkCidr?: string;
    /** Domain or id of the hosted zone in which the API gets a name. */
    dnsZone?: string;
    /** Where the API can be reached from; `public` if absent. */
    apiLoadBalancerType?: "public" | "internal";
    /** Networks that may reach the API, such as 203.0.113.0/24; all if absent. */
    adminAccess?: string[];
    /** Groups of yours to put nodes into as well. */
    nodeSecurityGroups?: string[];
    /** Groups of yours to put masters into as well. */
    masterSecurityGroups?: string[];
    /** Tags for every resource of the cluster, at most 40. */
    cloudLabels?: {
        [key: string]: string;
    };
    /** `ami-…`, `ssm:<parameter>`, `name` or `owner/name`. */
    image?: string;
    /** Such as 1.37.1; the default version if absent. */
    kubernetesVersion?: string;
    /** Size of each master's etcd volume; 20 if absent. */
    etcdVolumeGiB?: number;
    /** Taken so that documents written for kops work. */
    cloud?: "aws";
    /** Ignored, with a warning: Holdfast keeps its own state. */
    state?: string;
};
export type PlannedCluster = {
    spec: {
        version: 1;
        name: string;
        region: string;
        zones: string[];
        masterZones: string[];
        nodeCount: number;
        nodeSize: string;
        masterSize: string;
        masterSizeFallbacks?: string[];
        masterZoneFallback?: "wait" | "move";
        masterZoneFallbackMinutes?: number;
        topology: "public" | "private";
        networking: {
            requested: string;
            used: "cilium" | "calico" | "flannel" | "amazonvpc" | "kindnet" | "cni";
        };
        networkCidr: string;
        dnsZone?: string;
        apiLoadBalancerType?: "public" | "internal";
        adminAccess?: string[];
        nodeSecurityGroups: string[];
        masterSecurityGroups: string[];
        cloudLabels: {
            [key: string]: string;
        };
        image?: string;
        kubernetesVersion: string;
        etcdVolumeGiB: number;
    };
    plan: {
        members: {
            name: string;
            zone: string;
            subnet: string;
            address: string;
            [key: string]: any;
        }[];
        nodes: {
            zone: string;
            count: number;
            subnet: string;
            [key: string]: any;
        }[];
        subnets: {
            zone: string;
            "type": "public" | "private" | "utility";
            cidr: string;
            name: string;
            [key: string]: any;
        }[];
        quorum: {
            size: number;
            needed: number;
            [key: string]: any;
        };
        survives: {
            masters: number;
            zones: string[];
            [key: string]: any;
        };
        network: {
            requested: string;
            used: string;
            cidr: string;
            pods: string;
            services: string;
            [key: string]: any;
        };
        resources: {
            [key: string]: number;
        };
        cost?: {
            currency: "USD";
            monthly: number | null;
            items: {
                what: string;
                count: number;
                each: number | null;
                monthly: number | null;
                [key: string]: any;
            }[];
            asOf: string;
            region: string;
            [key: string]: any;
        };
        [key: string]: any;
    };
    versions?: {
        holdfast: string;
        kubernetes: string;
        etcd: string;
        containerd: string;
        helm: string;
        addOns: {
            [key: string]: string;
        };
        [key: string]: any;
    };
    warnings: string[];
    [key: string]: any;
};
export type Problem = {
    "type": string;
    title: string;
    status: number;
    detail: string;
    problems?: {
        flag: string;
        value: string;
        message: string;
        [key: string]: any;
    }[];
    operation?: string;
    requestId?: string;
    [key: string]: any;
};
export type Refusal = {
    message: string | null;
    [key: string]: any;
};
export type Operation = {
    id: string;
    cluster: string;
    kind: "create" | "repair" | "scale" | "update" | "roll" | "upgrade" | "backup" | "restore" | "migrate" | "delete";
    status: "RUNNING" | "SUCCEEDED" | "FAILED";
    startedAt: string;
    finishedAt: string | null;
    steps: {
        name: string;
        member: string | null;
        status: "RUNNING" | "WAITING" | "DONE" | "FAILED";
        startedAt: string;
        finishedAt: string | null;
        message: string | null;
        [key: string]: any;
    }[];
    error: {
        name: string;
        message: string;
        remedy: string;
        [key: string]: any;
    } | null;
    [key: string]: any;
};
export type Cluster = {
    name: string;
    status: "CREATING" | "ACTIVE" | "DEGRADED" | "REPAIRING" | "UPDATING" | "DELETING" | "DELETED" | "FAILED";
    reason: string | null;
    spec: {
        version: 1;
        name: string;
        region: string;
        zones: string[];
        masterZones: string[];
        nodeCount: number;
        nodeSize: string;
        masterSize: string;
        masterSizeFallbacks?: string[];
        masterZoneFallback?: "wait" | "move";
        masterZoneFallbackMinutes?: number;
        topology: "public" | "private";
        networking: {
            requested: string;
            used: "cilium" | "calico" | "flannel" | "amazonvpc" | "kindnet" | "cni";
        };
        networkCidr: string;
        dnsZone?: string;
        apiLoadBalancerType?: "public" | "internal";
        adminAccess?: string[];
        nodeSecurityGroups: string[];
        masterSecurityGroups: string[];
        cloudLabels: {
            [key: string]: string;
        };
        image?: string;
        kubernetesVersion: string;
        etcdVolumeGiB: number;
    };
    plan: {
        members: {
            name: string;
            zone: string;
            subnet: string;
            address: string;
            [key: string]: any;
        }[];
        nodes: {
            zone: string;
            count: number;
            subnet: string;
            [key: string]: any;
        }[];
        subnets: {
            zone: string;
            "type": "public" | "private" | "utility";
            cidr: string;
            name: string;
            [key: string]: any;
        }[];
        quorum: {
            size: number;
            needed: number;
            [key: string]: any;
        };
        survives: {
            masters: number;
            zones: string[];
            [key: string]: any;
        };
        network: {
            requested: string;
            used: string;
            cidr: string;
            pods: string;
            services: string;
            [key: string]: any;
        };
        resources: {
            [key: string]: number;
        };
        cost?: {
            currency: "USD";
            monthly: number | null;
            items: {
                what: string;
                count: number;
                each: number | null;
                monthly: number | null;
                [key: string]: any;
            }[];
            asOf: string;
            region: string;
            [key: string]: any;
        };
        [key: string]: any;
    };
    versions: {
        holdfast: string;
        kubernetes: string;
        etcd: string;
        containerd: string;
        helm: string;
        addOns: {
            [key: string]: string;
        };
        [key: string]: any;
    } | null;
    members: {
        name: string;
        zone: string;
        address: string;
        instanceId: string | null;
        volumeId: string | null;
        health: "healthy" | "unhealthy" | "pending" | "unknown";
        apiServer?: "ready" | "not-ready";
        observedAt: string | null;
        certificatesUntil: string | null;
        [key: string]: any;
    }[];
    quorum: {
        size: number;
        healthy: number;
        needed: number;
        leader: string | null;
        [key: string]: any;
    };
    nodes: {
        name: string;
        zone: string;
        instanceId: string;
        ready: boolean;
        [key: string]: any;
    }[];
    endpoint: string | null;
    drift: {
        message: string;
        since: string;
        [key: string]: any;
    }[];
    operation: string | null;
    createdAt: string;
    updatedAt: string;
    [key: string]: any;
};
export type SpecPatch = {
    version?: 1 | null;
    name?: string | null;
    region?: string | null;
    zones?: string[] | null;
    masterZones?: string[] | null;
    masterCount?: number | null;
    nodeCount?: number | null;
    nodeSize?: string | null;
    masterSize?: string | null;
    masterSizeFallbacks?: string[] | null;
    masterZoneFallback?: ("wait" | "move") | null;
    masterZoneFallbackMinutes?: number | null;
    topology?: ("public" | "private") | null;
    networking?: (string | {
        requested: string;
        used: "cilium" | "calico" | "flannel" | "amazonvpc" | "kindnet" | "cni";
    }) | null;
    networkCidr?: string | null;
    dnsZone?: string | null;
    apiLoadBalancerType?: ("public" | "internal") | null;
    adminAccess?: string[] | null;
    nodeSecurityGroups?: string[] | null;
    masterSecurityGroups?: string[] | null;
    cloudLabels?: {
        [key: string]: string;
    } | null;
    image?: string | null;
    kubernetesVersion?: string | null;
    etcdVolumeGiB?: number | null;
    cloud?: "aws" | null;
    state?: string | null;
};
export type Deletion = {
    cluster: string;
    uid: string;
    removed: {
        kind: "auto-scaling-group" | "instance" | "load-balancer" | "target-group" | "dns-record" | "nat-gateway" | "address" | "network-interface" | "volume" | "security-group" | "subnet" | "route-table" | "internet-gateway" | "vpc" | "launch-template" | "role" | "instance-profile" | "parameter";
        id: string;
        name: string;
        [key: string]: any;
    }[];
    kept: {
        what: string;
        why: string;
        [key: string]: any;
    }[];
    blockers: string[];
    [key: string]: any;
};
export type Event = {
    time: string;
    "type": string;
    message: string;
    member: string | null;
    operation: string | null;
    by?: {
        principal: string;
        authMethod: "iam" | "token";
        sourceIp: string;
        userAgent: string;
        [key: string]: any;
    };
    [key: string]: any;
};
/**
 * What a spec would become
 */
export function createPlan(body: {
    spec: Spec;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: PlannedCluster;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/plan", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Create a cluster
 */
export function createCluster(body: {
    spec: Spec;
}, { idempotencyKey }: {
    idempotencyKey?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Operation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>("/clusters", oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey
        })
    }));
}
/**
 * List clusters by name
 */
export function listClusters({ limit, cursor, status, namePrefix }: {
    limit?: number;
    cursor?: string;
    status?: "CREATING" | "ACTIVE" | "DEGRADED" | "REPAIRING" | "UPDATING" | "DELETING" | "DELETED" | "FAILED";
    namePrefix?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Cluster[];
            nextCursor?: string | null;
            [key: string]: any;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters${QS.query(QS.explode({
        limit,
        cursor,
        status,
        namePrefix
    }))}`, {
        ...opts
    });
}
/**
 * One cluster
 */
export function getCluster(name: string, { fresh }: {
    fresh?: "true" | "false";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Cluster;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}${QS.query(QS.explode({
        fresh
    }))}`, {
        ...opts
    });
}
/**
 * Change what is asked of a cluster
 */
export function updateCluster(name: string, body: {
    spec: SpecPatch;
}, { idempotencyKey, ifMatch }: {
    idempotencyKey?: string;
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Cluster;
    } | {
        status: 202;
        data: Operation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}`, oazapfts.json({
        ...opts,
        method: "PATCH",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey,
            "if-match": ifMatch
        })
    }));
}
/**
 * Delete a cluster
 */
export function deleteCluster(name: string, { finalSnapshot, idempotencyKey }: {
    finalSnapshot?: "true" | "false";
    idempotencyKey?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 202;
        data: Operation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}${QS.query(QS.explode({
        finalSnapshot
    }))}`, {
        ...opts,
        method: "DELETE",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey
        })
    });
}
/**
 * Change the number of nodes
 */
export function scaleCluster(name: string, body: {
    /** Nodes of the whole cluster, 0 to 1000. */
    count: number;
}, { idempotencyKey, ifMatch }: {
    idempotencyKey?: string;
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Cluster;
    } | {
        status: 202;
        data: Operation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/scale`, oazapfts.json({
        ...opts,
        method: "POST",
        body,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey,
            "if-match": ifMatch
        })
    }));
}
/**
 * Go on with what stopped
 */
export function resumeCluster(name: string, { idempotencyKey, ifMatch }: {
    idempotencyKey?: string;
    ifMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Cluster;
    } | {
        status: 202;
        data: Operation;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 412;
        data: Problem;
    } | {
        status: 422;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/resume`, {
        ...opts,
        method: "POST",
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "idempotency-key": idempotencyKey,
            "if-match": ifMatch
        })
    });
}
/**
 * Become an administrator in a cluster, for some hours
 */
export function issueKubeconfig(name: string, body: {
    /** PKCS#10 in PEM, for a key that stays with you. Only its public key counts. */
    certificateRequest: string;
    /** How long the certificate is good for; as kops, 18 hours. */
    minutes?: number;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            cluster: string;
            server: string;
            certificateAuthority: string;
            certificate: string;
            user: string;
            expiresAt: string;
            [key: string]: any;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/kubeconfig`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Join a cluster as the node that the caller is
 */
export function issueNodeCertificate(name: string, instanceId: string, body: {
    /** PKCS#10 in PEM with the subject `O=system:nodes, CN=system:node:INSTANCE`. */
    certificateRequest: string;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            cluster: string;
            server: string;
            certificateAuthority: string;
            certificate: string;
            user: string;
            expiresAt: string;
            [key: string]: any;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 413;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/nodes/${encodeURIComponent(instanceId)}/certificate`, oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * What a deletion would remove, keep, and stop at
 */
export function listResources(name: string, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Deletion;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 409;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/resources`, {
        ...opts
    });
}
/**
 * List a cluster's operations, newest first
 */
export function listOperations(name: string, { limit, cursor, status }: {
    limit?: number;
    cursor?: string;
    status?: "RUNNING" | "SUCCEEDED" | "FAILED";
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Operation[];
            nextCursor?: string | null;
            [key: string]: any;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/operations${QS.query(QS.explode({
        limit,
        cursor,
        status
    }))}`, {
        ...opts
    });
}
/**
 * A cluster's event history, oldest first
 */
export function listEvents(name: string, { limit, cursor, since, $type }: {
    limit?: number;
    cursor?: string;
    since?: string;
    $type?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            items: Event[];
            nextCursor?: string | null;
            [key: string]: any;
        };
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/clusters/${encodeURIComponent(name)}/events${QS.query(QS.explode({
        limit,
        cursor,
        since,
        "type": $type
    }))}`, {
        ...opts
    });
}
/**
 * One operation with its steps
 */
export function getOperation(id: string, { ifNoneMatch }: {
    ifNoneMatch?: string;
} = {}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: Operation;
    } | {
        status: 304;
    } | {
        status: 400;
        data: Problem;
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 403;
        data: Problem;
    } | {
        status: 404;
        data: Problem;
    } | {
        status: 429;
        data: Problem;
    } | {
        status: 500;
        data: Problem;
    } | {
        status: 503;
        data: Problem;
    }>(`/operations/${encodeURIComponent(id)}`, {
        ...opts,
        headers: oazapfts.mergeHeaders(opts?.headers, {
            "if-none-match": ifNoneMatch
        })
    });
}
/**
 * This document
 */
export function getOpenapi(opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            openapi: string;
            [key: string]: any;
        };
    } | {
        status: 304;
    } | {
        status: 500;
        data: Problem;
    }>("/openapi.json", {
        ...opts
    });
}
/**
 * Where slack delivers commands and buttons
 */
export function chatSlack(body: {
    [key: string]: any;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: any;
        };
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 404;
        data: Refusal;
    } | {
        status: 413;
        data: Refusal;
    } | {
        status: 500;
        data: Problem;
    }>("/chat/slack", oazapfts.form({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Where mattermost delivers commands and buttons
 */
export function chatMattermost(body: {
    [key: string]: any;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: any;
        };
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 404;
        data: Refusal;
    } | {
        status: 413;
        data: Refusal;
    } | {
        status: 500;
        data: Problem;
    }>("/chat/mattermost", oazapfts.form({
        ...opts,
        method: "POST",
        body
    }));
}
/**
 * Where webhook delivers commands and buttons
 */
export function chatWebhook(body: {
    [key: string]: any;
}, opts?: Oazapfts.RequestOpts) {
    return oazapfts.fetchJson<{
        status: 200;
        data: {
            [key: string]: any;
        };
    } | {
        status: 401;
        data: Refusal;
    } | {
        status: 404;
        data: Refusal;
    } | {
        status: 413;
        data: Refusal;
    } | {
        status: 500;
        data: Problem;
    }>("/chat/webhook", oazapfts.json({
        ...opts,
        method: "POST",
        body
    }));
}
