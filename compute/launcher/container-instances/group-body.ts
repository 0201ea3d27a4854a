import { gzipSync } from 'node:zlib';
import type { ContainerGroup } from '@azure/arm-containerinstance';
import * as v from 'valibot';
import { JobId } from '../../../contracts/ids.ts';
import { getSecretEncodings } from '../../../runtime/secret-encodings.ts';
import { maskSecrets } from '../../../runtime/log.ts';
import type { RunSpec } from '../port.ts';
import type { ContainerInstancesConfig } from './config.ts';
import type { ResolvedRunner } from './resolve-runner.ts';

/** The tags of a container group. */
const tags = {
  deployment: 'coxswain-deployment',
  job: 'coxswain-job',
  /** When it was asked for, ISO 8601. */
  created: 'coxswain-created',
} as const;

/** The name of the only container of a group. */
export const containerName = 'runner';

/** Above the first size, an order is compressed; above the second, it is refused. In bytes. */
const orderLimits = { plain: 100_000, max: 128_000 };

/**
 * Returns the value of COXSWAIN_ORDER: the run spec as JSON, or its gzip in base64 if it is large; undefined if it is too large.
 * `identity`: what the script can use, if the definition names it.
 */
export const encodeOrder = (spec: RunSpec, runner: ResolvedRunner): string | undefined => {
  const { runner: _, ...order } = spec;
  const { clientId } = runner.identity;
  const json = JSON.stringify({ ...order, ...(runner.isNamedIdentity && { identity: { clientId } }) });
  if (Buffer.byteLength(json) <= orderLimits.plain) return json;
  const compressed = gzipSync(json).toString('base64');
  return compressed.length <= orderLimits.max ? compressed : undefined;
};

export type GroupRequest = {
  job: JobId;
  /** The value of COXSWAIN_ORDER, the only secret. */
  order: string;
  runner: ResolvedRunner;
  /** In milliseconds since 1970. */
  now: number;
};

/** Returns the body that asks for the container group of a job. It runs the image's own entry point, once. */
export const buildGroup = (
  { region, subnet, deployment }: ContainerInstancesConfig,
  { job, order, runner, now }: GroupRequest,
): ContainerGroup => {
  const { image, cpu, memoryGb: memoryInGB, identity, registry } = runner;
  return {
    location: region,
    tags: { [tags.deployment]: deployment, [tags.job]: job, [tags.created]: new Date(now).toISOString() },
    identity: { type: 'UserAssigned', userAssignedIdentities: { [identity.resourceId]: {} } },
    containers: [
      {
        name: containerName,
        image,
        environmentVariables: [
          { name: 'COXSWAIN_JOB', value: job },
          { name: 'COXSWAIN_DEPLOYMENT', value: deployment },
          { name: 'AZURE_CLIENT_ID', value: identity.clientId },
          { name: 'COXSWAIN_ORDER', secureValue: order },
        ],
        resources: { requests: { cpu, memoryInGB }, limits: { cpu, memoryInGB } },
      },
    ],
    ...(registry !== null && {
      imageRegistryCredentials: [{ server: registry, identity: identity.resourceId }],
    }),
    ...(subnet !== null && { subnetIds: [{ id: subnet }] }),
    osType: 'Linux',
    sku: 'Standard',
    restartPolicy: 'Never',
  };
};

/** Returns the job of a container group of this deployment; undefined for all others, whatever their name. */
export const getGroupJob = (group: ContainerGroup, deployment: string): JobId | undefined => {
  const { name, tags: { [tags.deployment]: owner, [tags.job]: job } = {} } = group;
  return owner === deployment && job === name && v.is(JobId, job) ? job : undefined;
};

/** Returns when a container group was asked for, in milliseconds since 1970; undefined if its tag does not say. */
export const getCreationTime = ({
  tags: { [tags.created]: text = '' } = {},
}: ContainerGroup): number | undefined => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
};

/** Returns the number of cores of a container group. */
export const countCores = ({ containers }: ContainerGroup): number =>
  containers.reduce((sum, { resources }) => sum + (resources?.requests.cpu ?? 0), 0);

/** Returns a function that removes the secrets of an order from Azure's words, which can quote the request. */
export const createRedactor = (
  { links, parameters, secrets }: RunSpec,
  order: string,
): ((text: string) => string) => {
  const { files, ...others } = links;
  const values = [
    order,
    ...Object.values(others),
    ...(files ? [files.record, ...files.files] : []),
    ...secrets.flatMap((name) => parameters[name] ?? []),
  ];
  return (text) =>
    maskSecrets(
      getSecretEncodings(values, { value: 4, derived: 8 }).reduce(
        (redacted, secret) => redacted.replaceAll(secret, '[redacted]'),
        text,
      ),
    );
};
