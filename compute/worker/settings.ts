import * as v from 'valibot';
import { integerSetting, secretSetting, storageSetting } from '../../runtime/settings.ts';
import { ProgramUid, programUidName } from '../../runtime/program-user.ts';
import { Programs } from '../algorithms/exec.ts';

const programsExpected = 'expected JSON: {"name": {"command": ["program", "argument"]}}';

/** A worker's settings, from its environment. */
export const WorkerSettings = v.object({
  /** The storage account's connection string. */
  COXSWAIN_STORAGE: secretSetting(
    storageSetting(
      v.pipe(v.string('expected a connection string'), v.includes('=', 'expected a connection string')),
    ),
  ),
  /** The maximum number of blocks at once. */
  COXSWAIN_SLOTS: v.optional(integerSetting(1, 256), '8'),
  /** How long messages stay invisible after a worker was killed; renewed after each third of it. */
  COXSWAIN_VISIBILITY_SECONDS: v.optional(integerSetting(1, 3_600), '10'),
  /** The time for running blocks to finish after SIGTERM. */
  COXSWAIN_GRACE_SECONDS: v.optional(integerSetting(0, 3_600), '20'),
  /** Ends the worker after so long without work; absent: never. */
  COXSWAIN_EXIT_WHEN_IDLE_SECONDS: v.optional(integerSetting(1, 86_400)),
  /** The port of health and metrics; absent: not served. 0: any free port. */
  COXSWAIN_PORT: v.optional(integerSetting(0, 65_535)),
  COXSWAIN_HOST: v.optional(v.string(), '127.0.0.1'),
  /** The programs that `exec` can run. */
  COXSWAIN_PROGRAMS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(undefined, programsExpected),
      v.config(Programs, { message: programsExpected }),
    ),
    '{}',
  ),
  /** The user as which these programs run, see `runtime/program-user.ts`. */
  [programUidName]: ProgramUid,
  /** The shared lock of the data folder, see `runtime/data-dir-lock.ts`. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});
