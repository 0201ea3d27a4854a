import * as v from 'valibot';
import { programUidName, programUidSetting } from '../../runtime/program-user.ts';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';
import { dataDirLockSetting, sharedSettings } from '../../runtime/shared-settings.ts';

/** A runner's settings, from its environment. The launcher sets them. */
export const RunnerSettings = v.object({
  COXSWAIN_ORDER: secretSetting(
    'The order as JSON, or as gzipped JSON in base64: the task’s parameters, and links with which the runner reads and writes the job’s blobs.',
    v.optional(v.string()),
    { whenMissing: 'the launcher sends it over the IPC channel' },
  ),
  COXSWAIN_GRACE_MILLISECONDS: setting(
    'The time between SIGTERM and SIGKILL of the script, in milliseconds.',
    v.optional(integerSetting(0, 600_000), '5000'),
  ),
  COXSWAIN_IDENTITY_SECONDS: setting(
    'How long the runner waits for a token of the managed identity that the task’s definition names, in seconds. The script does not start without one.',
    v.optional(integerSetting(1, 600), '60'),
  ),
  IDENTITY_ENDPOINT: setting(
    'The address of the container’s own endpoint for tokens of managed identities. Azure sets it where it exists.',
    v.optional(v.pipe(v.string(), v.url())),
    { whenMissing: 'the instance metadata service at 169.254.169.254' },
  ),
  IDENTITY_HEADER: secretSetting(
    'The key of `IDENTITY_ENDPOINT`. Azure sets it. Scripts whose definition names an identity get it, too.',
    v.optional(v.string()),
    { whenMissing: 'the instance metadata service needs none' },
  ),
  [programUidName]: programUidSetting,
  ...sharedSettings,
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});
