import type { ContainerGroup } from '@azure/arm-containerinstance';
import { LauncherUnavailableError, type LaunchOutcome, type RunSpec } from '../port.ts';
import { ArmError, TokenError } from './arm-error.ts';
import { classifyAnswer, waitFor } from './classify-answer.ts';
import { buildGroup, createRedactor, encodeOrder, getGroupJob } from './group-body.ts';
import { backOff, toLauncherError, type LauncherContext } from './launcher-context.ts';
import { resolveRunner, type ResolvedRunner } from './resolve-runner.ts';
import { reclaimCapacity } from './sweep-groups.ts';
import { releaseGroup, reserveGroup, settleGroup, type Reservation } from './usage-record.ts';

type Launch = { spec: RunSpec; order: string; runner: ResolvedRunner };

/** How long after its reservation a create may be sent, in milliseconds. A part of `settleMilliseconds`. */
const sendMilliseconds = 15_000;

/**
 * Creates the container group of a job unless it exists. A create over an existing group would restart its container, so it is sent only
 * after a reservation in the usage record, which one attempt of one process gets, and a look-up that found nothing.
 * @throws LauncherUnavailableError if the result is unknown: the next attempt looks the group up
 */
export const launchGroup = async (context: LauncherContext, spec: RunSpec): Promise<LaunchOutcome> => {
  const { config } = context;
  const resolved = resolveRunner(spec.image, spec.runner, config.runners);
  if (!resolved.ok) return { kind: 'never', message: resolved.message };
  const runner = resolved.value;
  if (runner.cpu > config.limits.cores)
    return {
      kind: 'never',
      message: `The task asks for ${runner.cpu} CPUs, but COXSWAIN_ACI_MAX_CORES allows ${config.limits.cores} for all tasks together.`,
    };
  const order = encodeOrder(spec, runner);
  if (order === undefined)
    return {
      kind: 'never',
      message:
        'The parameters of the task are too large for a container group. Pass large values as a link or a file that the script downloads.',
    };
  const launch = { spec, order, runner };
  const reservation = await reserveOrReclaim(context, launch);
  if (reservation.kind !== 'reserved' && reservation.kind !== 'known') return toOutcome(context, reservation);
  return createUnlessExists(context, launch, reservation);
};

const reserve = (
  { usage, config: { limits }, now }: LauncherContext,
  { spec: { job }, runner: { cpu: cores } }: Launch,
  isAbsent = false,
): Promise<Reservation> => usage.change(reserveGroup({ job, cores, now: now(), limits, isAbsent }));

/** Reserves a group. If there is no capacity, first reclaims that of ended jobs; if that is not possible now, there is still none. */
const reserveOrReclaim = async (context: LauncherContext, launch: Launch): Promise<Reservation> => {
  const first = await reserve(context, launch);
  if (first.kind !== 'full') return first;
  try {
    return (await reclaimCapacity(context)) ? await reserve(context, launch) : first;
  } catch (error) {
    if (!(error instanceof LauncherUnavailableError)) throw error;
    context.log.warn({ err: error, job: launch.spec.job }, 'could not reclaim the capacity of ended jobs');
    return first;
  }
};

const createUnlessExists = async (
  context: LauncherContext,
  launch: Launch,
  first: Extract<Reservation, { kind: 'reserved' | 'known' }>,
): Promise<LaunchOutcome> => {
  const { client, now } = context;
  const { job } = launch.spec;
  let found: ContainerGroup | undefined;
  try {
    found = await client.get(job);
  } catch (error) {
    if (first.kind === 'reserved') await context.usage.change(releaseGroup(job, first.since));
    return refuse(context, launch, error);
  }
  if (found) return adopt(context, launch, found);
  const reserved = first.kind === 'known' ? await reserve(context, launch, true) : first;
  if (reserved.kind !== 'reserved') return toOutcome(context, reserved);
  if (now() - reserved.since > sendMilliseconds) {
    await context.usage.change(releaseGroup(job, reserved.since));
    throw new LauncherUnavailableError(
      'Azure Resource Manager and storage answer too slowly to create a group safely',
    );
  }
  return create(context, launch, reserved.since);
};

/** Returns the outcome of a launch whose group exists. */
const adopt = async (
  { config, usage, now }: LauncherContext,
  { spec: { job }, runner }: Launch,
  group: ContainerGroup,
): Promise<LaunchOutcome> => {
  if (getGroupJob(group, config.deployment) !== job) {
    await usage.change(releaseGroup(job));
    return {
      kind: 'never',
      message: `The resource group ${config.resourceGroup} has a container group ${job} that does not belong to this deployment (its tag coxswain-deployment is not ${config.deployment}). Delete that group, or correct COXSWAIN_DEPLOYMENT.`,
    };
  }
  await usage.change(settleGroup({ job, cores: runner.cpu, now: now() }));
  return group.provisioningState === 'Deleting'
    ? waitFor('Azure to delete an earlier container group of the job')
    : { kind: 'launched' };
};

const create = async (
  context: LauncherContext,
  launch: Launch,
  reservedAt: number,
): Promise<LaunchOutcome> => {
  const { client, config, usage, now, log } = context;
  const { spec, order, runner } = launch;
  const { job } = spec;
  try {
    const body = buildGroup(config, { job, order, runner, now: now() });
    await client.create(job, body, createRedactor(spec, order));
  } catch (error) {
    if (isOutcomeUnknown(error, launch, context)) return lookUp(context, launch, error);
    await usage.change(releaseGroup(job, reservedAt));
    return refuse(context, launch, error);
  }
  await usage.change(settleGroup({ job, cores: runner.cpu, now: now() }));
  log.info({ job, image: runner.image }, 'created a container group');
  return { kind: 'launched' };
};

const isOutcomeUnknown = (
  error: unknown,
  { runner }: Launch,
  { config }: LauncherContext,
): error is ArmError =>
  error instanceof ArmError &&
  error.isOutcomeUnknown &&
  classifyAnswer(error, { config, runner }) === undefined;

/** Looks up a group after a create without a meaningful answer. If it does not exist, it may still come to exist. */
const lookUp = async (context: LauncherContext, launch: Launch, cause: ArmError): Promise<LaunchOutcome> => {
  context.log.warn(
    { job: launch.spec.job, err: cause },
    'a create has no answer: looking up the container group',
  );
  const found = await context.client.get(launch.spec.job).catch(() => undefined);
  if (found) return adopt(context, launch, found);
  throw new LauncherUnavailableError(
    `It is unknown whether the container group was created: ${cause.message}`,
    { cause },
  );
};

/** Returns the outcome that an error means. If Azure limits creates, all processes wait. @throws an error without a meaning */
const refuse = async (
  context: LauncherContext,
  { spec: { job }, runner }: Launch,
  error: unknown,
): Promise<LaunchOutcome> => {
  const { config, log } = context;
  if (error instanceof TokenError) {
    log.warn({ err: error, job }, 'a container group waits for a token');
    return waitFor('a token of the orchestrator’s managed identity (see COXSWAIN_IDENTITY)');
  }
  const outcome = error instanceof ArmError ? classifyAnswer(error, { config, runner }) : undefined;
  if (!(error instanceof ArmError) || !outcome) throw toLauncherError(error, config);
  // The outcome has our words, which say less than Azure's.
  log.warn({ err: error, job, outcome: outcome.kind }, 'Azure refused a container group');
  if (error.status === 429 || (outcome.kind === 'later' && /Quota/i.test(error.code ?? '')))
    await backOff(context, 'creates', error);
  return outcome;
};

/** Returns the outcome of a reservation that was not granted, without a call of Azure. */
const toOutcome = (
  { config: { limits } }: LauncherContext,
  reservation: Exclude<Reservation, { kind: 'reserved' }>,
): LaunchOutcome => {
  switch (reservation.kind) {
    case 'ended':
      return waitFor('the removal of an earlier container group of the job');
    case 'full':
      return waitFor(
        reservation.of === 'groups'
          ? `a free container group: the limit of ${limits.groups} is reached`
          : `free CPU cores: the limit of ${limits.cores} is reached`,
      );
    case 'wait':
      return waitFor(describeWaits(limits)[reservation.wait.cause], reservation.wait.seconds);
    case 'unsettled':
    case 'known':
      break;
  }
  const seconds = reservation.kind === 'unsettled' ? reservation.seconds : undefined;
  return waitFor('the result of an earlier attempt to create the container group', seconds);
};

const describeWaits = ({ callsPer5Minutes, callsPerHour }: LauncherContext['config']['limits']) => ({
  azure: 'Azure to accept more container groups',
  short: `a new container group: the limit of ${callsPer5Minutes} in 5 minutes is reached`,
  long: `a new container group: the limit of ${callsPerHour} in an hour is reached`,
});
