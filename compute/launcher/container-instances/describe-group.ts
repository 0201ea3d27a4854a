import type { ContainerGroup, Event } from '@azure/arm-containerinstance';
import { maskSecrets } from '../../../runtime/log.ts';
import type { RunnerReport, RunnerState } from '../port.ts';

/**
 * Returns the state of a container group that was read, and what is wrong with it. `instanceView` is missing at first, and
 * `provisioningState: Succeeded` says nothing about the container. An intermediate state counts as `pending`.
 */
export const describeGroup = (group: ContainerGroup): RunnerReport => {
  const state = getState(group);
  return { state, message: describe(group, state) };
};

const getContainerView = ({ containers }: ContainerGroup) => containers[0]?.instanceView;

const getState = (group: ContainerGroup): RunnerState => {
  const container = getContainerView(group)?.currentState?.state;
  const whole = group.instanceView?.state;
  const isEnded =
    container === 'Terminated' ||
    ['Failed', 'Succeeded', 'Stopped'].includes(whole ?? '') ||
    ['Failed', 'Canceled', 'Deleting'].includes(group.provisioningState ?? '');
  if (isEnded) return 'ended';
  return container === 'Running' ? 'running' : 'pending';
};

const describe = (group: ContainerGroup, state: RunnerState): string | null => {
  const sentences = [describeRestarts(group), describeExit(group) ?? describeStart(group, state)];
  const known = sentences.filter((sentence) => sentence !== null);
  return known.length === 0 ? null : known.join(' ');
};

/** A restart is not an error of Azure: even with the restart policy `Never`, Azure can restart a container for maintenance or after a failure. */
const describeRestarts = (group: ContainerGroup): string | null => {
  const count = getContainerView(group)?.restartCount ?? 0;
  return count === 0 ? null : `Azure restarted the container ${count === 1 ? 'once' : `${count} times`}.`;
};

const describeExit = (group: ContainerGroup): string | null => {
  const current = getContainerView(group)?.currentState;
  if (current?.state !== 'Terminated') return null;
  const { exitCode = 0, detailStatus = '' } = current;
  if (exitCode === 0) return null;
  const hint =
    exitCode === 137
      ? ' Code 137 means that it was killed, for example because it used too much memory.'
      : '';
  return `The runner’s container exited with code ${exitCode}${detailStatus === '' ? '' : ` (${detailStatus})`}.${hint}`;
};

/** Says why the container does not run. A container that ran is described by its exit. */
const describeStart = (group: ContainerGroup, state: RunnerState): string | null => {
  const view = getContainerView(group);
  if (state === 'running' || view?.currentState?.state === 'Terminated') return null;
  if (group.provisioningState === 'Deleting') return 'The container group is being deleted.';
  const events = [...(view?.events ?? []), ...(group.instanceView?.events ?? [])];
  const failure = events.findLast(
    ({ name, type }) => type === 'Warning' || /fail|insufficient|back-?off/i.test(name ?? ''),
  );
  if (failure) return describeFailure(group, failure);
  if (state === 'ended')
    return 'The container group ended without running the runner, and Azure does not say why.';
  const isPulling =
    events.some(({ name }) => name === 'Pulling') && !events.some(({ name }) => name === 'Pulled');
  return isPulling ? describePull(group) : null;
};

const describeFailure = (group: ContainerGroup, { name = '', message = '' }: Event): string => {
  const image = group.containers[0]?.image ?? '';
  const said = maskSecrets(message).replaceAll(/\s+/g, ' ').trim().slice(0, 500).replace(/\.$/, '');
  const text = `${name} ${message}`;
  // The name of an image can contain any of the other words.
  if (/pull|manifest|ErrImage/i.test(text))
    return `Azure cannot pull the image ${image}: ${said}. ${advisePull(group)}`;
  if (/capacity|not available in the location/i.test(text))
    return `Azure has no capacity for the container group in ${group.location}: ${said}. Try again later, ask for a smaller runner in the definition, or use another region.`;
  if (/\b(?:managed )?identity\b|\bMSI\b/i.test(text))
    return `Azure could not provide the container group’s identity: ${said}. Check that ${listIdentities(group)} exists.`;
  return `The container group does not start: ${said}.`;
};

const advisePull = (group: ContainerGroup): string => {
  const registry = group.imageRegistryCredentials?.[0]?.server;
  const right =
    registry === undefined ? '' : `, and that ${listIdentities(group)} has the role AcrPull on ${registry}`;
  const network = (group.subnetIds?.length ?? 0) > 0 ? ' The subnet needs a NAT gateway.' : '';
  return `Check the image’s name and tag${right}.${network}`;
};

const describePull = (group: ContainerGroup): string => {
  const network =
    (group.subnetIds?.length ?? 0) > 0 ? ' In a subnet without a NAT gateway, a pull never ends.' : '';
  return `Azure is still pulling the image ${group.containers[0]?.image}.${network}`;
};

const listIdentities = ({ identity }: ContainerGroup): string =>
  `the identity ${Object.keys(identity?.userAssignedIdentities ?? {}).join(', ')}`;
