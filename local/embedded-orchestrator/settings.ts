import * as v from 'valibot';
import { trustSetting } from '../../compute/orchestrator/auth/settings.ts';
import { AppSettings, streamsSetting, tickSetting } from '../../compute/orchestrator/settings.ts';
import { integerSetting, setting } from '../../runtime/settings.ts';
import { sharedSettings } from '../../runtime/shared-settings.ts';

const urlMessage = 'expected a URL such as https://orchestrator.example';

/** The settings of the orchestrator on the embedded durable host, from its environment. */
export const EmbeddedSettings = v.object({
  ...AppSettings.entries,
  COXSWAIN_TRUST: trustSetting('PUBLIC_URL'),
  COXSWAIN_DATA: setting(
    'The folder with the jobs. Only one process can use it at a time. It needs a disk, not a network share, because of its locks. `/data` in the image.',
    v.optional(v.string(), '.coxswain/orchestrator'),
  ),
  HOST: setting(
    'The address on which the orchestrator listens. `::` means all addresses, IPv4 and IPv6, and is the default in the image.',
    v.optional(v.string(), '127.0.0.1'),
  ),
  PORT: setting(
    'The port on which the orchestrator listens. 0 selects any free port.',
    v.optional(integerSetting(0, 65_535), '8080'),
  ),
  PUBLIC_URL: setting(
    'The URL at which clients reach the orchestrator. Workflows’ tokens must name it as their audience, unless `COXSWAIN_AUDIENCE` is set.',
    v.optional(
      v.pipe(
        v.string(urlMessage),
        v.url(urlMessage),
        v.transform((url) => url.replace(/\/+$/, '')),
      ),
    ),
    { whenMissing: 'none' },
  ),
  // On by default, because no proxy of a Functions host is in between.
  COXSWAIN_STREAMS: streamsSetting('on'),
  // Shorter than on Azure, because a tick costs nothing in a process that always runs.
  COXSWAIN_TICK_SECONDS: tickSetting(10),
  ...sharedSettings,
});
export type EmbeddedSettings = v.InferOutput<typeof EmbeddedSettings>;
