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
  /** Blocks at once. */
  COXSWAIN_SLOTS: v.optional(integerSetting(1, 256), '8'),
  /** How long a killed worker's blocks stay hidden; renewed at a third of it. */
  COXSWAIN_VISIBILITY_SECONDS: v.optional(integerSetting(1, 3_600), '10'),
  /** How long blocks in hand may take to finish after SIGTERM. */
  COXSWAIN_GRACE_SECONDS: v.optional(integerSetting(0, 3_600), '20'),
  /** End after so long without work; absent: never. */
  COXSWAIN_EXIT_WHEN_IDLE_SECONDS: v.optional(integerSetting(1, 86_400)),
  /** Where health and metrics are served; absent: nowhere. 0: any free port. */
  COXSWAIN_PORT: v.optional(integerSetting(0, 65_535)),
  COXSWAIN_HOST: v.optional(v.string(), '127.0.0.1'),
  /** What `exec` may run. */
  COXSWAIN_PROGRAMS: v.optional(
    v.pipe(
      v.string(),
      v.parseJson(undefined, programsExpected),
      v.config(Programs, { message: programsExpected }),
    ),
    '{}',
  ),
  /** The user as which they run, see `runtime/program-user.ts`. */
  [programUidName]: ProgramUid,
  /** The crew lock to join, see `runtime/data-dir-lock.ts`. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});
