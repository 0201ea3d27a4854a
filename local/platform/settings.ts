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
    'The path of the orchestrator’s package, which `npm run package` writes. If it is set, the platform hosts the package as Azure Functions would.',
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
