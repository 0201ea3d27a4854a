import * as v from 'valibot';
import { findAddressProblem, findStorageProblem } from '../../runtime/secure-address.ts';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';
import { sharedSettings } from '../../runtime/shared-settings.ts';
import { ContainerRunnerSettings } from '../launcher/container-instances/runner-settings.ts';
import { ContainerInstancesSettings } from '../launcher/container-instances/settings.ts';
import { limits } from '../../contracts/job-request.ts';
import { CallerSettings, trustSetting } from './auth/settings.ts';
import { defaultTiming } from './timing.ts';
import { canSchedule } from './azure-functions/ncrontab.ts';

const keyMessage = 'expected a key of at least 24 characters';
const launcherMessage = 'expected a URL such as https://launcher.example';

/** Returns the schema of a storage account's connection string. */
const connectionString = (expected: string) => v.pipe(v.string(expected), v.includes('=', expected));

/** Returns a bound that an operator can lower. */
const maxSetting = (description: string, max: number, formerName: string, byDefault = max) =>
  setting(description, v.optional(integerSetting(1, max), String(byDefault)), { formerName });

/** Returns the setting that turns streams on or off. */
export const streamsSetting = (byDefault: 'on' | 'off') =>
  setting(
    'Whether clients can follow logs in streams of Server-Sent Events. With `off`, they poll.',
    v.optional(v.picklist(['on', 'off'], 'expected "on" or "off"'), byDefault),
  );

const tickMessage =
  'expected seconds that divide a minute (such as 10), or whole minutes, in seconds, that divide an hour (such as 300)';

/** Returns the setting of the interval between ticks, which a schedule of Azure Functions can express. */
export const tickSetting = (byDefault: number) =>
  setting(
    'The interval between ticks, in seconds. In each tick, the orchestrator cleans up after terminated jobs and reclaims their locks. About once an hour, it also purges old jobs.',
    v.optional(
      v.pipe(
        v.string(tickMessage),
        v.regex(/^\d{1,4}$/, tickMessage),
        v.transform(Number),
        v.check(canSchedule, tickMessage),
      ),
      String(byDefault),
    ),
  );

/** The settings of the orchestrator on any host. */
export const AppSettings = v.object({
  COXSWAIN_STORAGE: secretSetting(
    'The connection string of the storage account in which jobs and workers keep their data.',
    connectionString('expected a connection string'),
    { checks: [findStorageProblem] },
  ),
  COXSWAIN_KEY: secretSetting(
    'The platform’s own key, which authorizes every route. The bot needs it.',
    v.pipe(v.string(keyMessage), v.minLength(24, keyMessage)),
    { remedy: 'Generate one with: openssl rand -hex 32.' },
  ),
  ...CallerSettings.entries,
  COXSWAIN_LAUNCHER_URL: setting(
    'The address of the launcher, which starts the runners of tasks.',
    v.optional(v.pipe(v.string(launcherMessage), v.url(launcherMessage))),
    {
      whenMissing: 'the orchestrator runs no tasks',
      checks: [findAddressProblem],
      requires: ['COXSWAIN_LAUNCHER_KEY'],
    },
  ),
  COXSWAIN_LAUNCHER_KEY: secretSetting('The key of the launcher.', v.optional(v.string()), {
    whenMissing: 'the orchestrator runs no tasks',
    requires: ['COXSWAIN_LAUNCHER_URL'],
  }),
  ...ContainerInstancesSettings.entries,
  ...ContainerRunnerSettings.entries,
  COXSWAIN_MAX_INPUTS: maxSetting(
    'The maximum number of inputs of a job.',
    limits.inputs,
    'COXSWAIN_MOST_INPUTS',
  ),
  COXSWAIN_MAX_BLOCKS: maxSetting(
    'The maximum number of blocks of a job.',
    limits.blocks,
    'COXSWAIN_MOST_BLOCKS',
  ),
  COXSWAIN_MAX_SECONDS: maxSetting(
    'The maximum timeout of a job, and of a task, in seconds.',
    limits.timeoutSeconds,
    'COXSWAIN_MOST_SECONDS',
    5 * 86_400,
  ),
  COXSWAIN_LAUNCH_SECONDS: setting(
    'The maximum time that a task waits until its runner can be launched, such as for a free container group, in seconds.',
    v.optional(integerSetting(1, 86_400), String(defaultTiming.maxLaunchWait)),
  ),
  COXSWAIN_START_SECONDS: setting(
    'The maximum time from the launch of a runner to the start of its script, such as to pull the image, in seconds.',
    v.optional(integerSetting(1, 86_400), String(defaultTiming.maxStartWait)),
  ),
  COXSWAIN_MAX_INPUT_BYTES: maxSetting(
    'The maximum size of the inputs that a client uploads at once, in bytes.',
    limits.inputBytes,
    'COXSWAIN_MOST_INPUT_BYTES',
  ),
  COXSWAIN_RETENTION_DAYS: setting(
    'How long ended jobs and their outputs are kept, in days.',
    v.optional(integerSetting(1, 3_650), '30'),
  ),
  COXSWAIN_LINK_SECONDS: setting(
    'The lifetime of the links to a job’s files, in seconds.',
    v.optional(integerSetting(60, 604_800), '604800'),
  ),
  COXSWAIN_STREAMS: streamsSetting('off'),
  // Each tick is an execution of the Functions app.
  COXSWAIN_TICK_SECONDS: tickSetting(300),
});
export type AppSettings = v.InferOutput<typeof AppSettings>;

/** The settings of the orchestrator's Functions app, from its environment. */
export const OrchestratorSettings = v.object({
  ...AppSettings.entries,
  COXSWAIN_TRUST: trustSetting('WEBSITE_HOSTNAME'),
  COXSWAIN_EVENTS: secretSetting(
    'The connection string of the storage account with the queue "events" (usually the value of COXSWAIN_STORAGE). The queue receives the events from Event Grid. The Functions host also reads this setting.',
    connectionString(
      'expected the connection string of the storage account with the queue "events" (usually the value of COXSWAIN_STORAGE)',
    ),
    { checks: [findStorageProblem] },
  ),
  WEBSITE_HOSTNAME: setting(
    'The app’s host name, which Azure sets. `https://` and this name are the audience of workflows’ tokens, unless `COXSWAIN_AUDIENCE` is set.',
    v.optional(v.string()),
    { whenMissing: 'set by Azure' },
  ),
  ...sharedSettings,
});
