import type { Job } from '../../compute/client/index.ts';

/** Describes in a few words how far the launch of a task's runner is; undefined if its script has started. Contains untrusted text. */
export const describeLaunch = ({ state, launch }: Job): string | undefined => {
  if (state !== 'running' || !launch) return undefined;
  return launch.waitingFor === null ? 'starting' : `waiting for ${launch.waitingFor}`;
};
