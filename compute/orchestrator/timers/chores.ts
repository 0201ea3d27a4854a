import type { Logger } from '../../../runtime/log.ts';
import type { Launcher } from '../../launcher/port.ts';
import type { Blobs } from '../../storage/port.ts';
import type { Chore } from '../durable.ts';
import { removeUnusedInputs } from '../inputs/remove-unused-inputs.ts';
import { removeLeases } from '../leases/remove-leases.ts';
import { cleanUpTerminated } from './clean-up-terminated.ts';
import { purgeJobs } from './purge-jobs.ts';
import { reclaimLocks } from './reclaim-locks.ts';
import { sweepRunners } from './sweep-runners.ts';

export type ChoreOptions = { blobs: Blobs; launcher: Launcher; retentionDays: number; log: Logger };

/** Creates all chores of the orchestrator. */
export const createChores = ({ blobs, launcher, retentionDays, log }: ChoreOptions): Chore[] => [
  cleanUpTerminated({ blobs, launcher }),
  reclaimLocks({ blobs, launcher }),
  purgeJobs({ blobs, retentionDays, log }),
  removeUnusedInputs({ blobs, retentionDays }),
  removeLeases({ blobs }),
  ...(launcher.sweep ? [sweepRunners({ launcher })] : []),
];
