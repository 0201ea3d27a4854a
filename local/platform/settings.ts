import * as v from 'valibot';
import { CallerSettings } from '../../compute/orchestrator/auth/settings.ts';
import { streamsSetting } from '../../compute/orchestrator/settings.ts';
import { WorkerSettings } from '../../compute/worker/settings.ts';
import { programUidName, programUidSetting } from '../../runtime/program-user.ts';
import { setting } from '../../runtime/settings.ts';
import { sharedSettings } from '../../runtime/shared-settings.ts';

const publicUrlMessage = 'expected a URL such as https://orchestrator.example';

/** The settings of the local platform, from its environment. It passes some of them on to its programs. */
export const PlatformSettings = v.object({
  ...CallerSettings.entries,
  COXSWAIN_STREAMS: streamsSetting('on'),
  COXSWAIN_PROGRAMS: WorkerSettings.entries.COXSWAIN_PROGRAMS,
  [programUidName]: programUidSetting,
  COXSWAIN_FUNCTIONS_APP: setting(
    'The package of an orchestrator, as `npm run package` writes it. The platform then hosts it as Azure Functions would.',
    v.optional(v.string()),
    { whenMissing: 'the orchestrator runs in the process of the platform' },
  ),
  COXSWAIN_FUNCTIONS_URL: setting(
    'The public URL in the management URIs of a hosted orchestrator.',
    v.optional(v.pipe(v.string(publicUrlMessage), v.url(publicUrlMessage))),
    { whenMissing: 'its own address' },
  ),
  ...sharedSettings,
});
