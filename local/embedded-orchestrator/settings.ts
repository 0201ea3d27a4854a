import * as v from 'valibot';
import { AppSettings, streamsSetting, tickSetting } from '../../compute/orchestrator/settings.ts';
import { integerSetting } from '../../runtime/settings.ts';

const urlMessage = 'expected a URL such as https://orchestrator.example';

/** The settings of the orchestrator on the embedded durable host, from its environment. */
export const EmbeddedSettings = v.object({
  ...AppSettings.entries,
  /** The folder with the jobs. Only one process can use it at a time. */
  COXSWAIN_DATA: v.optional(v.string(), '.coxswain/orchestrator'),
  HOST: v.optional(v.string(), '127.0.0.1'),
  /** 0 selects any free port. */
  PORT: v.optional(integerSetting(0, 65_535), '8080'),
  /** The URL at which clients reach the orchestrator. Tokens of workflows and applications must name it. */
  PUBLIC_URL: v.optional(
    v.pipe(
      v.string(urlMessage),
      v.url(urlMessage),
      v.transform((url) => url.replace(/\/+$/, '')),
    ),
  ),
  /** On by default, because no proxy of a Functions host is in between. */
  COXSWAIN_STREAMS: streamsSetting('on'),
  /** Shorter than on Azure, because a tick costs nothing in a process that always runs. */
  COXSWAIN_TICK_SECONDS: tickSetting(10),
});
export type EmbeddedSettings = v.InferOutput<typeof EmbeddedSettings>;
