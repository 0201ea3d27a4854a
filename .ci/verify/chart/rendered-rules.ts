import { findPodProblems, type Workload } from './pod-rules.ts';
import { releaseNamespace, type KubernetesObject } from './render.ts';

/*
 * What holds for the rendered chart, whatever the values: installing it needs no permission beyond its namespace, and nothing is public
 * but the webhooks' path.
 */

/**
 * The kinds that the chart may render. All belong to a namespace, and none grants a permission. Before you add a kind, such as a Role,
 * write the rules for it.
 */
const permittedKinds = new Set([
  'Deployment',
  'HTTPRoute',
  'Ingress',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ScaledObject',
  'Service',
  'ServiceAccount',
  'TriggerAuthentication',
]);

/** The path on which the bot receives webhooks (bot/server). */
const webhookPath = '/api/github/webhooks';

/** Returns the rules that rendered objects break. */
export const findProblems = (objects: readonly KubernetesObject[]): string[] => [
  ...objects.flatMap((object) => [
    ...checkKind(object),
    ...findPodProblems(object),
    ...checkService(object),
    ...checkRoute(object),
    ...checkIngress(object),
    ...checkBudget(object),
    ...checkAccount(object),
    ...checkPolicy(object),
    ...checkNamespace(object),
  ]),
  ...checkScaling(objects),
  ...checkPolicies(objects),
  ...checkNames(objects),
];

const describe = ({ kind, metadata }: KubernetesObject): string => `${kind} ${metadata.name}`;

const checkKind = (object: KubernetesObject): string[] =>
  permittedKinds.has(object.kind) ? [] : [`${describe(object)}: this kind is not permitted`];

const checkAccount = (object: KubernetesObject): string[] => {
  const { automountServiceAccountToken } = object as { automountServiceAccountToken?: boolean };
  if (object.kind !== 'ServiceAccount' || automountServiceAccountToken === false) return [];
  return [`${describe(object)}: automountServiceAccountToken is not false`];
};

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

type Budget = { minAvailable?: unknown; maxUnavailable?: number | string };

/** With `minAvailable`, or nothing that may be unavailable, the last pod of a node could never leave it. */
const checkBudget = (object: KubernetesObject): string[] => {
  if (object.kind !== 'PodDisruptionBudget') return [];
  const { minAvailable, maxUnavailable = 0 } = object.spec as Budget;
  const isPermissive = minAvailable === undefined && Number.parseInt(`${maxUnavailable}`, 10) > 0;
  return isPermissive
    ? []
    : [`${describe(object)} can keep a pod on its node: set maxUnavailable to 1 or more`];
};

type Scaled = { scaleTargetRef: { name: string }; fallback?: { behavior?: string } };

/** KEDA sets the replicas of what it scales: a value of ours would be applied at each upgrade. */
const checkScaling = (objects: readonly KubernetesObject[]): string[] =>
  objects
    .filter(({ kind }) => kind === 'ScaledObject')
    .flatMap((object) => {
      const { scaleTargetRef, fallback } = object.spec as Scaled;
      const target = objects.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === scaleTargetRef.name,
      );
      if (!target) return [`${describe(object)} scales ${scaleTargetRef.name}, which does not exist`];
      const { replicas } = target.spec as Workload;
      return [
        ...(replicas === undefined ? [] : [`${describe(target)} sets replicas, although KEDA scales it`]),
        ...(fallback === undefined || fallback.behavior === 'currentReplicasIfHigher'
          ? []
          : [`${describe(object)}: its fallback can stop workers that are computing`]),
      ];
    });

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

/**
 * Everything is in the release's namespace, but for the policy of KEDA's operator, which is off by default. Everything says so, because
 * some people apply the output of `helm template`.
 */
const checkNamespace = (object: KubernetesObject): string[] => {
  const { namespace } = object.metadata;
  if (namespace === releaseNamespace || (namespace && object.kind === 'NetworkPolicy')) return [];
  return [`${describe(object)} is in the namespace ${namespace ?? 'of whoever applies it'}`];
};

const checkNames = (objects: readonly KubernetesObject[]): string[] => {
  const names = objects.map(describe);
  return names
    .filter((name, index) => names.indexOf(name) < index)
    .map((name) => `${name} is rendered twice`);
};
