import * as v from 'valibot';
import { integerSetting, secretSetting, storageSetting } from '../../runtime/settings.ts';
import { limits } from '../../contracts/job-request.ts';
import { CallerSettings } from './auth/settings.ts';

const keyMessage = 'expected a key of at least 24 characters';

/** The settings of the orchestrator's Functions app, from its environment. */
export const OrchestratorSettings = v.object({
  /** The storage account's connection string. */
  COXSWAIN_STORAGE: secretSetting(
    storageSetting(
      v.pipe(v.string('expected a connection string'), v.includes('=', 'expected a connection string')),
    ),
  ),
  /** The platform's own key: it opens every route. The Functions host knows it not. */
  COXSWAIN_KEY: secretSetting(v.pipe(v.string(keyMessage), v.minLength(24, keyMessage))),
  ...CallerSettings.entries,
  /** The app's host name; Azure sets it. */
  WEBSITE_HOSTNAME: v.optional(v.string()),
  /** The most inputs and blocks a job may have. */
  COXSWAIN_MOST_INPUTS: v.optional(integerSetting(1, limits.inputs), String(limits.inputs)),
  COXSWAIN_MOST_BLOCKS: v.optional(integerSetting(1, limits.blocks), String(limits.blocks)),
  /** The longest timeout that a job may have, and the longest that a task gets, in seconds. */
  COXSWAIN_MOST_SECONDS: v.optional(integerSetting(1, limits.timeoutSeconds), String(limits.timeoutSeconds)),
  /** The most bytes of inputs that are uploaded at once. */
  COXSWAIN_MOST_INPUT_BYTES: v.optional(integerSetting(1, limits.inputBytes), String(limits.inputBytes)),
  /** Days after its end for which a job is kept. */
  COXSWAIN_RETENTION_DAYS: v.optional(integerSetting(1, 3_650), '30'),
  /** How long the links of a view can be used. */
  COXSWAIN_LINK_SECONDS: v.optional(integerSetting(60, 604_800), '604800'),
});
