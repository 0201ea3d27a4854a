import type { TokenCredential } from '@azure/identity';
import type { JobId } from '../../../contracts/ids.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { Blobs } from '../../storage/port.ts';
import { maxRunnerLogBytes, type Launcher } from '../port.ts';
import type { ContainerInstancesConfig } from './config.ts';
import { describeGroup } from './describe-group.ts';
import { containerName } from './group-body.ts';
import { createGroupClient } from './group-client.ts';
import { launchGroup } from './launch-group.ts';
import { findGroup, toLauncherError, type LauncherContext } from './launcher-context.ts';
import { removeGroup } from './remove-group.ts';
import { sweepGroups } from './sweep-groups.ts';
import { UsageStore } from './usage-store.ts';

export type ContainerInstancesOptions = {
  config: ContainerInstancesConfig;
  /** The credential of the orchestrator's identity. */
  credential: TokenCredential;
  /** Where all processes of a deployment share their limits. */
  blobs: Blobs;
  /** The clock, in milliseconds since 1970; `Date.now` unless a test brings its own. */
  now?: () => number;
  /** The certificate authority of a stand-in for Azure. Programs use `NODE_EXTRA_CA_CERTS` instead. */
  tlsOptions?: { ca: string };
  log: Logger;
};

/** Creates a launcher that runs each task in a container group of Azure Container Instances, named after its job. */
export const createContainerInstancesLauncher = ({
  blobs,
  now = Date.now,
  log,
  ...options
}: ContainerInstancesOptions): Launcher => {
  const context: LauncherContext = {
    config: options.config,
    client: createGroupClient({ ...options, now }),
    usage: new UsageStore(blobs, log),
    now,
    log,
  };
  return {
    launch: (spec) => launchGroup(context, spec),
    inspect: async (job) => {
      const group = await findGroup(context, job);
      return group ? describeGroup(group) : { state: 'gone', message: null };
    },
    remove: (job) => removeGroup(context, job),
    readLog: (job) => readLog(context, job),
    sweep: (findJob) => sweepGroups(context, findJob),
  };
};

/** More lines than the maximum size usually has. A running container has up to 4 MB of output. */
const maxLogLines = 200;

const readLog = async (context: LauncherContext, job: JobId): Promise<string | null> => {
  if (!(await findGroup(context, job))) return null;
  const content = await context.client.readLog(job, containerName, maxLogLines).catch((error: unknown) => {
    throw toLauncherError(error, context.config);
  });
  if (content === undefined || content === '') return null;
  // The cut can split a character, whose rest is shown as replacement characters.
  return Buffer.from(content)
    .subarray(-maxRunnerLogBytes)
    .toString()
    .replace(/^\uFFFD+/, '');
};
