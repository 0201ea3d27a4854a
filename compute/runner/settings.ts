import * as v from 'valibot';
import { programUidName, programUidSetting } from '../../runtime/program-user.ts';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';
import { dataDirLockSetting, sharedSettings } from '../../runtime/shared-settings.ts';

/** A runner's settings, from its environment. The launcher sets them. */
export const RunnerSettings = v.object({
  COXSWAIN_ORDER: secretSetting(
    'The run spec as JSON: the task’s parameters, and links with which the runner reads and writes the job’s blobs.',
    v.optional(v.string()),
    { whenMissing: 'the launcher sends it over the IPC channel' },
  ),
  COXSWAIN_GRACE_MILLISECONDS: setting(
    'The time between SIGTERM and SIGKILL of the script, in milliseconds.',
    v.optional(integerSetting(0, 600_000), '5000'),
  ),
  [programUidName]: programUidSetting,
  ...sharedSettings,
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});
