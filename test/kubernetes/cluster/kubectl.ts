import type { Machine } from './machine.ts';

/** Runs kubectl as an administrator of a cluster. */
export type Kubectl = {
  run: (...argv: string[]) => Promise<string>;
  /** Waits until resources have a condition. */
  waitFor: (condition: string, ...resources: string[]) => Promise<void>;
};

/** `command`: kubectl with the options that select the cluster. */
export const connectKubectl = (machine: Machine, command: readonly [string, ...string[]]): Kubectl => ({
  run: (...argv) => machine.run([...command, ...argv]),
  waitFor: (condition, ...resources) =>
    machine.waitFor(`${resources.join(' ')} to be ${condition}`, [
      ...command,
      'wait',
      '--timeout=5s',
      `--for=condition=${condition}`,
      ...resources,
    ]),
});
