import { findOpenings } from './exposure-rules.ts';
import { findPodProblems, type Workload } from './pod-rules.ts';
import { describe, releaseNamespace, type KubernetesObject } from './render.ts';

/*
 * What holds for the rendered chart, whatever the values: installing it needs no permission beyond its namespace, and nothing is public
 * but the webhooks' path.
 */

/**
 * The kinds that the chart may render. All belong to a namespace, and none grants a permission. Before you add a kind, such as a Role,
 * write the rules for it. A PodDisruptionBudget is left out on purpose (docs/decisions/45-chart.md).
 */
const permittedKinds = new Set([
  'Deployment',
  'HTTPRoute',
  'Ingress',
  'NetworkPolicy',
  'ScaledObject',
  'Service',
  'ServiceAccount',
  'TriggerAuthentication',
]);

/** Returns the rules that rendered objects break. */
export const findProblems = (objects: readonly KubernetesObject[]): string[] => [
  ...objects.flatMap((object) => [
    ...checkKind(object),
    ...findPodProblems(object),
    ...checkAccount(object),
    ...checkNamespace(object),
    ...checkLists(object),
  ]),
  ...findOpenings(objects),
  ...checkScaling(objects),
  ...checkNames(objects),
];

const checkKind = (object: KubernetesObject): string[] =>
  permittedKinds.has(object.kind) ? [] : [`${describe(object)}: this kind is not permitted`];

const checkAccount = (object: KubernetesObject): string[] => {
  const { automountServiceAccountToken } = object as { automountServiceAccountToken?: boolean };
  if (object.kind !== 'ServiceAccount' || automountServiceAccountToken === false) return [];
  return [`${describe(object)}: automountServiceAccountToken is not false`];
};

type Scaled = { scaleTargetRef: { name: string }; fallback?: { behavior?: string } };

/** KEDA sets the replicas of what it scales: a value in the chart would override them at each upgrade. */
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

/**
 * Everything is in the release's namespace, but for the policy of KEDA's operator, which is off by default. Everything says so, because
 * some people apply the output of `helm template`.
 */
const checkNamespace = (object: KubernetesObject): string[] => {
  const { namespace } = object.metadata;
  if (namespace === releaseNamespace || (namespace && object.kind === 'NetworkPolicy')) return [];
  return [`${describe(object)} is in the namespace ${namespace ?? 'of the user who applies it'}`];
};

/** The API server stores no empty list, so it would see a change at each upgrade. */
const checkLists = (object: KubernetesObject): string[] =>
  findEmptyLists(object.spec, 'spec').map(
    (path) => `${describe(object)}: ${path} is an empty list: leave it out`,
  );

const findEmptyLists = (value: unknown, path: string): string[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value) && value.length === 0) return [path];
  return Object.entries(value).flatMap(([key, item]) => findEmptyLists(item, `${path}.${key}`));
};

const checkNames = (objects: readonly KubernetesObject[]): string[] => {
  const names = objects.map(describe);
  return names
    .filter((name, index) => names.indexOf(name) < index)
    .map((name) => `${name} is rendered twice`);
};
