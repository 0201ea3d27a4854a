import type { Workload } from './pod-rules.ts';
import { describe, type KubernetesObject } from './render.ts';

/*
 * Who can reach the rendered objects, and what they can reach. Nothing is public but the webhooks' path, on a host with TLS.
 */

/** The path on which the bot receives webhooks (bot/server). */
const webhookPath = '/api/github/webhooks';

/** Returns the ways in and out that the chart may not open. */
export const findOpenings = (objects: readonly KubernetesObject[]): string[] => [
  ...objects.flatMap((object) => [
    ...checkService(object),
    ...checkRoute(object),
    ...checkIngress(object),
    ...checkPolicy(object),
  ]),
  ...checkPolicies(objects),
];

type Service = { type?: string; externalIPs?: string[]; ports: { targetPort: string | number }[] };

const checkService = (object: KubernetesObject): string[] => {
  if (object.kind !== 'Service') return [];
  const { type = 'ClusterIP', externalIPs, ports } = object.spec as Service;
  return [
    ...(type === 'ClusterIP' && !externalIPs ? [] : [`${describe(object)} is public: its type is ${type}`]),
    ...ports
      .filter(({ targetPort }) => targetPort !== 'http')
      .map(({ targetPort }) => `${describe(object)} passes the port ${targetPort}, not only "http"`),
  ];
};

type PathMatch = { type?: string; value?: string };
type Route = { hostnames?: string[]; rules?: { matches?: { path?: PathMatch }[] }[] };

/** A rule without matches matches every path, as does a match without a path. */
const checkRoute = (object: KubernetesObject): string[] => {
  if (object.kind !== 'HTTPRoute') return [];
  const { hostnames = [], rules = [{}] } = object.spec as Route;
  const paths = rules.flatMap(({ matches = [{}] }) => matches).map(({ path }) => path);
  return [
    ...(hostnames.length > 0 ? [] : [`${describe(object)} serves every host`]),
    ...paths
      .filter((path) => path?.type !== 'Exact' || path.value !== webhookPath)
      .map((path) => `${describe(object)} passes ${path?.value ?? '/'} (${path?.type ?? 'PathPrefix'})`),
  ];
};

type IngressPath = { path?: string; pathType: string };
type IngressSpec = {
  defaultBackend?: object;
  tls?: { hosts?: string[] }[];
  rules?: { host?: string; http?: { paths: IngressPath[] } }[];
};

const checkIngress = (object: KubernetesObject): string[] => {
  if (object.kind !== 'Ingress') return [];
  const { defaultBackend, tls = [], rules = [] } = object.spec as IngressSpec;
  const secured = tls.flatMap(({ hosts = [] }) => hosts);
  const paths = rules.flatMap(({ http }) => http?.paths ?? []);
  return [
    ...(defaultBackend ? [`${describe(object)} passes every path to its defaultBackend`] : []),
    ...rules
      .filter(({ host }) => host === undefined || !secured.includes(host))
      .map(({ host }) => `${describe(object)} serves ${host ?? 'every host'} without TLS`),
    ...paths
      .filter(({ path, pathType }) => path !== webhookPath || pathType !== 'Exact')
      .map(({ path, pathType }) => `${describe(object)} passes ${path ?? '/'} (${pathType})`),
  ];
};

type Peers = { from?: unknown[]; to?: unknown[] };
type Policy = {
  podSelector: { matchLabels?: Record<string, string> };
  policyTypes?: string[];
  ingress?: Peers[];
  egress?: Peers[];
};

/** A rule without peers allows every address, also those of other pods and of the cloud's metadata service. */
const checkPolicy = (object: KubernetesObject): string[] => {
  if (object.kind !== 'NetworkPolicy') return [];
  const { ingress = [], egress = [] } = object.spec as Policy;
  const open = [...ingress.map(({ from }) => from), ...egress.map(({ to }) => to)];
  return open.every((peers) => peers && peers.length > 0)
    ? []
    : [`${describe(object)} has a rule that allows every address`];
};

/** Policies can be disabled, but not for some pods only. */
const checkPolicies = (objects: readonly KubernetesObject[]): string[] => {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy').map(({ spec }) => spec as Policy);
  const isRestricted = (labels: Readonly<Record<string, string>>, type: string): boolean =>
    policies.some(
      ({ podSelector, policyTypes = [] }) =>
        policyTypes.includes(type) &&
        Object.entries(podSelector.matchLabels ?? {}).every(([name, value]) => labels[name] === value),
    );
  return objects
    .filter(({ kind }) => kind === 'Deployment' && policies.length > 0)
    .flatMap((object) => {
      const { labels = {} } = (object.spec as Workload).template.metadata;
      return ['Ingress', 'Egress']
        .filter((type) => !isRestricted(labels, type))
        .map((type) => `${describe(object)}: no NetworkPolicy restricts its ${type}`);
    });
};
