import type { KubernetesObject } from './render.ts';

type Resources = Record<string, string | number>;

type SecurityContext = {
  runAsNonRoot?: boolean;
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  seccompProfile?: { type: string };
  capabilities?: { add?: string[]; drop?: string[] };
};

type Container = {
  name: string;
  image: string;
  securityContext?: SecurityContext;
  resources?: { requests?: Resources; limits?: Resources };
  ports?: { name?: string; hostPort?: number }[];
  env?: { name: string; value?: string }[];
  livenessProbe?: object;
  readinessProbe?: object;
};

type PodSpec = {
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  shareProcessNamespace?: boolean;
  securityContext?: SecurityContext;
  terminationGracePeriodSeconds?: number;
  containers: Container[];
  initContainers?: Container[];
  volumes?: ({ name: string } & Record<string, unknown>)[];
};

/** What a Deployment says about its pods. */
export type Workload = {
  replicas?: number;
  template: {
    metadata: { annotations?: Record<string, string>; labels?: Record<string, string> };
    spec: PodSpec;
  };
};

/** Returns the problems of the pods that a Deployment starts; empty for objects of other kinds. */
export const findPodProblems = ({ kind, metadata, spec }: KubernetesObject): string[] => {
  if (kind !== 'Deployment') return [];
  const { template } = spec as Workload;
  const pod = template.spec;
  const problems = [
    ...checkPod(pod),
    ...checkEviction(template.metadata.annotations ?? {}, pod),
    ...pod.containers.flatMap((container) => [
      ...checkGrace(pod, container),
      ...checkReaping(pod, container),
    ]),
    ...(pod.initContainers ?? []).flatMap((container) => checkContainer(pod, container)),
    ...pod.containers.flatMap((container) => [...checkContainer(pod, container), ...checkProbes(container)]),
  ];
  return problems.map((problem) => `Deployment ${metadata.name}: ${problem}`);
};

const listUnless = (isMet: unknown, problem: string): string[] => (isMet ? [] : [problem]);

/** The kinds of volumes that read or write nothing on the node but the pod's own folder. */
const volumeKinds = new Set(['secret', 'configMap', 'emptyDir', 'projected']);

const checkPod = (pod: PodSpec): string[] => [
  ...listUnless(pod.automountServiceAccountToken === false, 'the pod gets a token of its service account'),
  ...listUnless(pod.serviceAccountName, 'the pod has no service account of its own'),
  ...(['hostNetwork', 'hostPID', 'hostIPC'] as const)
    .filter((field) => pod[field])
    .map((field) => `${field} is set`),
  ...(pod.volumes ?? []).flatMap(({ name, ...kinds }) =>
    Object.keys(kinds)
      .filter((kind) => !volumeKinds.has(kind))
      .map((kind) => `the volume "${name}" is of the kind ${kind}`),
  ),
];

/** A node can be removed although the pod runs on it. */
const checkEviction = (annotations: Readonly<Record<string, string>>, pod: PodSpec): string[] => {
  const isSafe = annotations['cluster-autoscaler.kubernetes.io/safe-to-evict'];
  const volumes = (pod.volumes ?? []).filter(({ emptyDir }) => emptyDir !== undefined);
  return [
    ...listUnless(isSafe !== 'false', 'the pod prevents the autoscaler from removing its node'),
    ...listUnless(
      isSafe === 'true' || volumes.length === 0,
      'the pod has an emptyDir, with which the autoscaler does not remove its node, and no annotation safe-to-evict',
    ),
  ];
};

/** The kubelet kills a worker 3 s after the worker returned its blocks: time to release them all. */
const checkGrace = ({ terminationGracePeriodSeconds = 30 }: PodSpec, { env = [] }: Container): string[] =>
  env
    .filter(({ name }) => name === 'COXSWAIN_GRACE_SECONDS')
    .filter(({ value }) => terminationGracePeriodSeconds !== Number(value) + 3)
    .map(
      ({ value }) =>
        `terminationGracePeriodSeconds is ${terminationGracePeriodSeconds}, expected ${value} s of grace plus 3`,
    );

/** Node reaps only its own children, so the pause process must reap what programs leave behind. */
const checkReaping = ({ shareProcessNamespace }: PodSpec, { env = [] }: Container): string[] =>
  listUnless(
    shareProcessNamespace || !env.some(({ name }) => name === 'COXSWAIN_PROGRAMS'),
    'it runs programs, and no process reaps what they leave behind',
  );

const checkContainer = (pod: PodSpec, container: Container): string[] => {
  const { name, image, ports = [], env = [], securityContext: own = {} } = container;
  const { add = [], drop = [] } = own.capabilities ?? {};
  const problems = [
    ...listUnless(own.runAsNonRoot ?? pod.securityContext?.runAsNonRoot, 'runAsNonRoot is not set'),
    ...listUnless(own.readOnlyRootFilesystem, 'readOnlyRootFilesystem is not set'),
    ...listUnless(own.allowPrivilegeEscalation === false, 'allowPrivilegeEscalation is not false'),
    ...listUnless(!own.privileged, 'it is privileged'),
    ...listUnless(drop.includes('ALL') && add.length === 0, 'it does not drop all capabilities'),
    ...listUnless(
      (own.seccompProfile ?? pod.securityContext?.seccompProfile)?.type === 'RuntimeDefault',
      'seccompProfile is not RuntimeDefault',
    ),
    ...listUnless(!ports.some(({ hostPort }) => hostPort !== undefined), 'it has a port of the node'),
    ...listUnless(
      /@sha256:[0-9a-f]{64}$|:(?!latest$)[\w.-]+$/.test(image),
      `its image "${image}" has no version`,
    ),
    ...env
      .filter(({ value = '' }) => /AccountKey=|SharedAccessSignature=|PRIVATE KEY/.test(value))
      .map((variable) => `its variable ${variable.name} contains a secret`),
    ...checkResources(container),
  ];
  return problems.map((problem) => `container ${name}: ${problem}`);
};

const checkResources = ({ resources = {} }: Container): string[] =>
  (['requests', 'limits'] as const).flatMap((kind) =>
    ['cpu', 'memory']
      .filter((resource) => resources[kind]?.[resource] === undefined)
      .map((resource) => `it has no ${kind}.${resource}`),
  );

const checkProbes = (container: Container): string[] =>
  (['livenessProbe', 'readinessProbe'] as const)
    .filter((probe) => !container[probe])
    .map((probe) => `container ${container.name}: it has no ${probe}`);
