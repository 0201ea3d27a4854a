import type { TaskRunner } from '../../../contracts/task-definition.ts';
import { hasImagePrefix, parseImageReference } from './image-reference.ts';
import type { ContainerRunnerSettings, ManagedIdentity } from './runner-settings.ts';

/** What runners can get, from the settings. */
export type RunnerConfig = {
  /** The identities that definitions can name. */
  identities: Readonly<Record<string, ManagedIdentity>>;
  /** The identity of all other runners. */
  pullIdentity: ManagedIdentity;
  /** The host of the registry of images that name no registry. */
  registry: string | null;
  imagePrefixes: readonly string[];
  maxCpu: number;
  maxMemoryGb: number;
};

/** Returns what runners can get; undefined without a pull identity, which every runner needs. */
export const readRunnerConfig = (settings: ContainerRunnerSettings): RunnerConfig | undefined =>
  settings.COXSWAIN_PULL_IDENTITY && {
    identities: settings.COXSWAIN_RUNNER_IDENTITIES,
    pullIdentity: settings.COXSWAIN_PULL_IDENTITY,
    registry: settings.COXSWAIN_REGISTRY ?? null,
    imagePrefixes: settings.COXSWAIN_IMAGE_PREFIXES ?? [],
    maxCpu: settings.COXSWAIN_RUNNER_MAX_CPU,
    maxMemoryGb: settings.COXSWAIN_RUNNER_MAX_MEMORY_GB,
  };

/** The image, size and identity of one runner. */
export type ResolvedRunner = {
  /** The image with its registry. */
  image: string;
  cpu: number;
  memoryGb: number;
  /** The only identity of the container group. It also pulls the image. */
  identity: ManagedIdentity;
  /** Whether the definition names the identity, so that the script needs it. */
  isNamedIdentity: boolean;
  /** The registry from which the identity pulls the image; null if the image is pulled without credentials. */
  registry: string | null;
};

type Resolved<T> = { ok: true; value: T } | { ok: false; message: string };

/** The size of a runner whose definition names none. It is that of `az container create`. */
const defaultSize = { cpu: 1, memoryGb: 1.5 } as const;

/**
 * Returns the image, size and identity of a task's runner, or why the settings do not allow what the definition asks for, as sentences
 * with a remedy.
 */
export const resolveRunner = (
  image: string,
  { cpu, memoryGb, identity }: TaskRunner = {},
  config: RunnerConfig,
): Resolved<ResolvedRunner> => {
  const { maxCpu, maxMemoryGb } = config;
  const from = resolveImage(image, config);
  if (!from.ok) return from;
  const found = resolveIdentity(identity, config);
  if (!found.ok) return found;
  if (cpu !== undefined && cpu > maxCpu)
    return refuse(
      `The task’s definition asks for ${cpu} CPUs, but COXSWAIN_RUNNER_MAX_CPU allows at most ${maxCpu}. Lower runner.cpu in the definition, or raise the setting.`,
    );
  if (memoryGb !== undefined && memoryGb > maxMemoryGb)
    return refuse(
      `The task’s definition asks for ${memoryGb} GB of memory, but COXSWAIN_RUNNER_MAX_MEMORY_GB allows at most ${maxMemoryGb}. Lower runner.memoryGb in the definition, or raise the setting.`,
    );
  return {
    ok: true,
    value: {
      ...from.value,
      cpu: cpu ?? Math.min(defaultSize.cpu, maxCpu),
      memoryGb: memoryGb ?? Math.min(defaultSize.memoryGb, maxMemoryGb),
      identity: found.value,
      isNamedIdentity: identity !== undefined,
    },
  };
};

const refuse = (message: string): { ok: false; message: string } => ({ ok: false, message });

/** An image that is not valid is not quoted, because it can contain a password. */
const resolveImage = (
  image: string,
  { registry, imagePrefixes }: RunnerConfig,
): Resolved<Pick<ResolvedRunner, 'image' | 'registry'>> => {
  const reference = parseImageReference(image);
  if (!reference)
    return refuse(
      'The dockerImage in the task’s definition is not the name of an image. Write it in lower case as [REGISTRY/]NAME[:TAG][@sha256:DIGEST], without a user name.',
    );
  const host = reference.host ?? registry;
  if (host === null)
    return refuse(
      `The image ${image} names no registry, and COXSWAIN_REGISTRY is not set. Set it to the registry of your images, or name a registry in the definition’s dockerImage.`,
    );
  if (host !== registry && !imagePrefixes.some((prefix) => hasImagePrefix(reference, prefix)))
    return refuse(
      `The image ${image} comes from a registry that is not allowed. Add the registry or its path to COXSWAIN_IMAGE_PREFIXES, or push the image to COXSWAIN_REGISTRY and name it without a registry.`,
    );
  const { path, version } = reference;
  return {
    ok: true,
    value: { image: `${host}/${path}${version}`, registry: host === registry ? registry : null },
  };
};

const resolveIdentity = (
  name: string | undefined,
  { identities, pullIdentity }: RunnerConfig,
): Resolved<ManagedIdentity> => {
  if (name === undefined) return { ok: true, value: pullIdentity };
  const identity = Object.hasOwn(identities, name) ? identities[name] : undefined;
  return identity
    ? { ok: true, value: identity }
    : refuse(
        `The task’s definition asks for the runner identity ${name}, which COXSWAIN_RUNNER_IDENTITIES does not contain. Add it to the setting, or correct runner.identity in the definition.`,
      );
};
