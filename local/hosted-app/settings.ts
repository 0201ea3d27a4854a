import * as v from 'valibot';
import { integerSetting, secretSetting, setting } from '../../runtime/settings.ts';
import { dataDirLockSetting } from '../../runtime/shared-settings.ts';

const internal = { internal: true };

/** The settings of the host. All other variables of its environment are the app's settings, as on Azure. */
export const HostedAppSettings = v.object({
  FUNCTIONS_HOST_PACKAGE: setting('The package of the app: a zip archive.', v.string(), internal),
  FUNCTIONS_HOST_FOLDER: setting(
    'The data folder, with `jobs.db`. Only one process can use it at a time.',
    v.string(),
    internal,
  ),
  FUNCTIONS_HOST_PORT: setting(
    'The port of the routes, the Durable HTTP API and the Event Grid trigger.',
    integerSetting(0, 65_535),
    internal,
  ),
  FUNCTIONS_HOST_PUBLIC_URL: setting(
    'The public URL in management URIs.',
    v.optional(v.pipe(v.string(), v.url())),
    { ...internal, whenMissing: 'the URL of the host' },
  ),
  FUNCTIONS_HOST_SYSTEM_KEY: secretSetting(
    'The system key, which allows the Durable HTTP API and the Event Grid trigger.',
    v.string(),
    internal,
  ),
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});
export type HostedAppSettings = v.InferOutput<typeof HostedAppSettings>;
