import { createPrivateKey, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import * as v from 'valibot';
import {
  addressSetting,
  integerSetting,
  getSecretNames,
  secretSetting,
  readSettings,
  SettingsError,
  storageSetting,
} from '../runtime/settings.ts';

const url = v.pipe(v.string('expected a URL'), v.url('expected a URL'));

const secondsMessage = 'expected seconds from 0.05 to 3600';
const secondsText = v.pipe(
  v.string(secondsMessage),
  v.regex(/^\d{1,4}(\.\d{1,3})?$/, secondsMessage),
  v.transform(Number),
  v.check((n) => n >= 0.05 && n <= 3_600, secondsMessage),
);

const keyMessage = 'expected the private key of the GitHub App, in PEM form';
/** Many hosts store a key in one line, with line breaks as `\n`. */
const privateKey = v.pipe(
  v.string(keyMessage),
  v.transform((text) => text.replaceAll(String.raw`\n`, '\n')),
  v.check(isPrivateKey, keyMessage),
);

const instanceMessage = 'expected at most 100 letters, digits, ".", "_" or "-"';
const hostMessage = 'expected the host of a GitHub Enterprise Server, such as ghe.example';

/** The settings of the GitHub App, which the set-up page can also register. */
const AppEnvironment = v.object({
  /** The GitHub App's id. */
  APP_ID: integerSetting(1, 999_999_999_999),
  PRIVATE_KEY: secretSetting(privateKey),
  /** It has no default, because without it anyone could send commands. */
  WEBHOOK_SECRET: secretSetting(v.string('expected the webhook secret of the GitHub App')),
});

const Environment = v.object({
  /** The file in which the set-up page stores the GitHub App; read if `APP_ID` is not set. */
  COXSWAIN_APP_FILE: v.optional(v.string(), '.coxswain/app.json'),
  /** The host of a GitHub Enterprise Server; github.com by default. */
  GHE_HOST: v.optional(v.pipe(v.string(hostMessage), v.regex(/^[a-z0-9.-]+(:\d+)?$/i, hostMessage))),
  /** By default, the API of `GHE_HOST` or github.com. */
  GITHUB_API_URL: addressSetting(v.optional(url)),
  /** The host in job ids; by default, the host of `GITHUB_API_URL`. */
  GITHUB_HOST: v.optional(v.string()),
  /** `off` does not limit or space writes; only for the embedded GitHub. */
  GITHUB_THROTTLE: v.optional(v.picklist(['on', 'off'], 'expected "on" or "off"'), 'on'),
  ORCHESTRATOR_URL: addressSetting(url),
  ORCHESTRATOR_KEY: secretSetting(v.string('expected the function key of the orchestrator')),
  HOST: v.optional(v.string(), '127.0.0.1'),
  /** 0 selects any free port. */
  PORT: v.optional(integerSetting(0, 65_535), '3000'),
  /** The port of `/metrics`, which is not served by default. */
  METRICS_PORT: v.optional(integerSetting(0, 65_535)),
  METRICS_HOST: v.optional(v.string(), '127.0.0.1'),
  /** The URL at which GitHub and people reach the bot, if it differs from the address on which the bot listens. */
  PUBLIC_URL: v.optional(url),
  /** A channel of smee.io or a compatible server that forwards webhooks; only for development. */
  WEBHOOK_PROXY_URL: secretSetting(addressSetting(v.optional(url))),
  NODE_ENV: v.optional(v.string()),
  /** The interval between polls of running jobs. */
  TRACKER_SECONDS: v.optional(secondsText, '5'),
  /** The interval between edits of the reply of a long-running job; the first edits come sooner. */
  EDIT_SECONDS: v.optional(secondsText, '30'),
  /** The maximum writes of one installation in any hour. */
  WRITES_PER_HOUR: v.optional(integerSetting(1, 1_000_000), '300'),
  /** The interval between polls for failed deliveries. */
  REDELIVERY_SECONDS: v.optional(secondsText, '180'),
  /** The interval between polls for comments that no webhook delivered. */
  SWEEP_SECONDS: v.optional(secondsText, '180'),
  /** The timeout for reading a policy; GitHub waits 10 seconds for an answer to a webhook. */
  POLICY_SECONDS: v.optional(secondsText, '5'),
  /** The storage of decisions: a connection string, or the URL of a blob endpoint with its SAS. */
  AUDIT_STORAGE: secretSetting(storageSetting(v.optional(v.string()))),
  /** Identifies this bot; random by default. Two bots must not have the same name, because they would share their leases. */
  COXSWAIN_INSTANCE: v.optional(
    v.pipe(v.string(instanceMessage), v.regex(/^[A-Za-z0-9._-]{1,100}$/, instanceMessage)),
  ),
  /** The shared lock of a local platform's children. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});
type Environment = v.InferOutput<typeof Environment>;

/** The settings that can be in files: secrets, and the id of the app, which is stored together with them. */
export const botFileSettings: readonly string[] = [
  'APP_ID',
  ...[AppEnvironment, Environment].flatMap(getSecretNames),
];

/** The credentials of the bot's GitHub App. */
type AppCredentials = { id: number; privateKey: string; webhookSecret: string };

export type BotSettings = {
  app: AppCredentials;
  /** `host` is part of every job id, so it must not change. `webUrl`: the URL of GitHub's pages. */
  github: { apiUrl: string; webUrl: string; host: string; throttle: boolean };
  orchestrator: { url: string; key: string };
  listen: { host: string; port: number };
  /** The address of `/metrics`; undefined if it is not served. */
  metrics: { host: string; port: number } | undefined;
  publicUrl: string | undefined;
  webhookProxy: string | undefined;
  seconds: { tracker: number; edit: number; redelivery: number; sweep: number; policy: number };
  writesPerHour: number;
  /** Undefined: decisions are only logged. */
  auditStorage: string | undefined;
  /** Identifies this process among all bots. */
  instance: string;
  dataDirLock: string | undefined;
};

/** The settings of a bot that may not be registered as a GitHub App yet. */
export type UnregisteredSettings = Omit<BotSettings, 'app'> & { appFile: string };

/** Returns whether the environment has any setting of the GitHub App. */
export const hasAppSettings = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  Object.keys(AppEnvironment.entries).some((name) => (environment[name] ?? '') !== '');

/** Reads the bot's settings. @throws SettingsError */
export const readBotSettings = (environment: NodeJS.ProcessEnv = process.env): BotSettings => {
  const values = readSettings(v.object({ ...AppEnvironment.entries, ...Environment.entries }), environment);
  return {
    app: { id: values.APP_ID, privateKey: values.PRIVATE_KEY, webhookSecret: values.WEBHOOK_SECRET },
    ...readCommonSettings(values),
  };
};

/** Reads the settings of a bot whose GitHub App is in a file, or not registered yet. @throws SettingsError */
export const readUnregisteredSettings = (
  environment: NodeJS.ProcessEnv = process.env,
): UnregisteredSettings => {
  const values = readSettings(Environment, environment);
  return { ...readCommonSettings(values), appFile: values.COXSWAIN_APP_FILE };
};

const readCommonSettings = (values: Environment): Omit<BotSettings, 'app'> => {
  if (values.WEBHOOK_PROXY_URL !== undefined && values.NODE_ENV === 'production') {
    throw new SettingsError(
      'WEBHOOK_PROXY_URL is for development: where NODE_ENV is production, leave it out.',
    );
  }
  return {
    github: readGitHubSettings(values),
    orchestrator: { url: values.ORCHESTRATOR_URL, key: values.ORCHESTRATOR_KEY },
    listen: { host: values.HOST, port: values.PORT },
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, ''),
    webhookProxy: values.WEBHOOK_PROXY_URL,
    seconds: {
      tracker: values.TRACKER_SECONDS,
      edit: values.EDIT_SECONDS,
      redelivery: values.REDELIVERY_SECONDS,
      sweep: values.SWEEP_SECONDS,
      policy: values.POLICY_SECONDS,
    },
    writesPerHour: values.WRITES_PER_HOUR,
    auditStorage: values.AUDIT_STORAGE,
    instance: values.COXSWAIN_INSTANCE ?? `${hostname()}-${randomBytes(4).toString('hex')}`,
    dataDirLock: values.COXSWAIN_CREW_LOCK,
  };
};

const readGitHubSettings = (values: Environment): BotSettings['github'] => {
  const apiUrl = (values.GITHUB_API_URL ?? getApiUrl(values.GHE_HOST)).replace(/\/+$/, '');
  return {
    apiUrl,
    webUrl: getWebUrl(apiUrl),
    host: values.GITHUB_HOST ?? new URL(getWebUrl(apiUrl)).hostname,
    throttle: values.GITHUB_THROTTLE === 'on',
  };
};

/** Returns the URL of the API: an Enterprise Server has a path for it, github.com and ghe.com have a separate host. */
const getApiUrl = (host = 'github.com'): string =>
  host === 'github.com' || host.endsWith('.ghe.com') ? `https://api.${host}` : `https://${host}/api/v3`;

/** `https://api.github.com` → `https://github.com`; `https://ghe.example/api/v3` → `https://ghe.example`. */
const getWebUrl = (apiUrl: string): string => new URL(apiUrl).origin.replace('://api.', '://');

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}
