import * as v from 'valibot';
import {
  addressSetting,
  integerSetting,
  renamedSetting,
  secretSetting,
  storageSetting,
} from '../../runtime/settings.ts';
import { limits } from '../../contracts/job-request.ts';
import { CallerSettings } from './auth/settings.ts';
import { canSchedule } from './azure-functions/ncrontab.ts';

const keyMessage = 'expected a key of at least 24 characters';
const launcherMessage = 'expected a URL such as https://launcher.example';

/** Returns the schema of a storage account's connection string. */
const connectionString = (expected: string) =>
  storageSetting(v.pipe(v.string(expected), v.includes('=', expected)));

/** Returns the schema of a bound that an operator can lower. */
const maxSetting = (max: number) => v.optional(integerSetting(1, max), String(max));

/** Returns the schema of the setting that turns streams on or off. */
export const streamsSetting = (byDefault: 'on' | 'off') =>
  v.optional(v.picklist(['on', 'off'], 'expected "on" or "off"'), byDefault);

const tickMessage =
  'expected seconds that divide a minute (such as 10), or whole minutes, in seconds, that divide an hour (such as 300)';

/** Returns the schema of the interval between ticks, in seconds, which a schedule of Azure Functions can express. */
export const tickSetting = (byDefault: number) =>
  v.optional(
    v.pipe(
      v.string(tickMessage),
      v.regex(/^\d{1,4}$/, tickMessage),
      v.transform(Number),
      v.check(canSchedule, tickMessage),
    ),
    String(byDefault),
  );

/** The settings of the orchestrator on any host. */
export const AppSettings = v.object({
  /** The storage account's connection string. */
  COXSWAIN_STORAGE: secretSetting(connectionString('expected a connection string')),
  /** The platform's own key, which authorizes every route. The Functions host does not know it. */
  COXSWAIN_KEY: secretSetting(v.pipe(v.string(keyMessage), v.minLength(24, keyMessage))),
  ...CallerSettings.entries,
  /** The address of the launcher, which starts the runners of tasks. Without it and its key, the orchestrator runs no tasks. */
  COXSWAIN_LAUNCHER_URL: addressSetting(
    v.optional(v.pipe(v.string(launcherMessage), v.url(launcherMessage))),
  ),
  COXSWAIN_LAUNCHER_KEY: secretSetting(v.optional(v.string())),
  /** The maximum number of inputs and blocks per job. */
  COXSWAIN_MAX_INPUTS: renamedSetting('COXSWAIN_MOST_INPUTS', maxSetting(limits.inputs)),
  COXSWAIN_MAX_BLOCKS: renamedSetting('COXSWAIN_MOST_BLOCKS', maxSetting(limits.blocks)),
  /** The maximum timeout of a job, and of a task, in seconds. */
  COXSWAIN_MAX_SECONDS: renamedSetting('COXSWAIN_MOST_SECONDS', maxSetting(limits.timeoutSeconds)),
  /** The maximum size of the inputs that are uploaded at once, in bytes. */
  COXSWAIN_MAX_INPUT_BYTES: renamedSetting('COXSWAIN_MOST_INPUT_BYTES', maxSetting(limits.inputBytes)),
  /** The number of days for which an ended job is kept. */
  COXSWAIN_RETENTION_DAYS: v.optional(integerSetting(1, 3_650), '30'),
  /** The lifetime of the links in a view, in seconds. */
  COXSWAIN_LINK_SECONDS: v.optional(integerSetting(60, 604_800), '604800'),
  /** Whether logs can be followed in streams. */
  COXSWAIN_STREAMS: streamsSetting('off'),
  /** The interval between ticks, in which the orchestrator cleans up. Each tick is an execution of the Functions app. */
  COXSWAIN_TICK_SECONDS: tickSetting(300),
});
export type AppSettings = v.InferOutput<typeof AppSettings>;

/** The settings of the orchestrator's Functions app, from its environment. */
export const OrchestratorSettings = v.object({
  ...AppSettings.entries,
  /** The connection string of the storage account whose queue `events` gets the events of Event Grid. */
  COXSWAIN_EVENTS: secretSetting(
    connectionString(
      'expected the connection string of the storage account with the queue "events" (usually the value of COXSWAIN_STORAGE)',
    ),
  ),
  /** The app's host name, which Azure sets. */
  WEBSITE_HOSTNAME: v.optional(v.string()),
});
