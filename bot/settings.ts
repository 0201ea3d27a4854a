import { createPrivateKey } from 'node:crypto';
import * as v from 'valibot';
import { integerText, settingsFrom } from '../runtime/environment.ts';

const url = v.pipe(v.string('expected a URL'), v.url('expected a URL'));

const secondsMessage = 'expected seconds from 0.05 to 3600';
const secondsText = v.pipe(
  v.string(secondsMessage),
  v.regex(/^\d{1,4}(\.\d{1,3})?$/, secondsMessage),
  v.transform(Number),
  v.check((n) => n >= 0.05 && n <= 3_600, secondsMessage),
);

const keyMessage = 'expected the private key of the GitHub App, in PEM form';
/** A key in one line, with `\n` written out, is how many hosts keep it. */
const privateKey = v.pipe(
  v.string(keyMessage),
  v.transform((text) => text.replaceAll(String.raw`\n`, '\n')),
  v.check(isPrivateKey, keyMessage),
);

const Environment = v.object({
  /** The GitHub App's id. */
  APP_ID: integerText(1, 999_999_999_999),
  PRIVATE_KEY: privateKey,
  /** Without it, anyone could give commands: so it has no default. */
  WEBHOOK_SECRET: v.string('expected the webhook secret of the GitHub App'),
  GITHUB_API_URL: v.optional(url, 'https://api.github.com'),
  /** The host in job ids; by default the one whose API is at `GITHUB_API_URL`. */
  GITHUB_HOST: v.optional(v.string()),
  /** `off` lets writes go as fast as they come: for the embedded GitHub only. */
  GITHUB_THROTTLE: v.optional(v.picklist(['on', 'off'], 'expected "on" or "off"'), 'on'),
  ORCHESTRATOR_URL: url,
  ORCHESTRATOR_KEY: v.string('expected the function key of the orchestrator'),
  HOST: v.optional(v.string(), '127.0.0.1'),
  /** 0: any free port. */
  PORT: v.optional(integerText(0, 65_535), '3000'),
  /** Between two looks at the jobs that run. */
  TRACKER_SECONDS: v.optional(secondsText, '5'),
  /** Between two edits of one reply. */
  EDIT_SECONDS: v.optional(secondsText, '5'),
  /** Between two looks for deliveries that failed. */
  REDELIVERY_SECONDS: v.optional(secondsText, '180'),
  /** The shared lock of a local platform's children. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});

export type BotSettings = {
  app: { id: number; privateKey: string; webhookSecret: string };
  /** `host` is part of every job id, so it must not change. */
  github: { apiUrl: string; host: string; throttle: boolean };
  orchestrator: { url: string; key: string };
  listen: { host: string; port: number };
  seconds: { tracker: number; edit: number; redelivery: number };
  crewLock: string | undefined;
};

/** The bot's settings. @throws SettingsError */
export const botSettings = (environment: NodeJS.ProcessEnv = process.env): BotSettings => {
  const given = settingsFrom(Environment, environment);
  const apiUrl = given.GITHUB_API_URL.replace(/\/+$/, '');
  return {
    app: { id: given.APP_ID, privateKey: given.PRIVATE_KEY, webhookSecret: given.WEBHOOK_SECRET },
    github: { apiUrl, host: given.GITHUB_HOST ?? hostOf(apiUrl), throttle: given.GITHUB_THROTTLE === 'on' },
    orchestrator: { url: given.ORCHESTRATOR_URL, key: given.ORCHESTRATOR_KEY },
    listen: { host: given.HOST, port: given.PORT },
    seconds: {
      tracker: given.TRACKER_SECONDS,
      edit: given.EDIT_SECONDS,
      redelivery: given.REDELIVERY_SECONDS,
    },
    crewLock: given.COXSWAIN_CREW_LOCK,
  };
};

/** `https://api.github.com` → `github.com`; `https://ghe.example/api/v3` → `ghe.example`. Never with a port, which may change. */
const hostOf = (apiUrl: string): string => new URL(apiUrl).hostname.replace(/^api\./, '');

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}
