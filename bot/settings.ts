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
/** A key in one line, with `\n` written out, is how many hosts keep it. */
const privateKey = v.pipe(
  v.string(keyMessage),
  v.transform((text) => text.replaceAll(String.raw`\n`, '\n')),
  v.check(isPrivateKey, keyMessage),
);

const instanceMessage = 'expected at most 100 letters, digits, ".", "_" or "-"';
const hostMessage = 'expected the host of a GitHub Enterprise Server, such as ghe.example';

/** The GitHub App, which the set-up page can register too. */
const AppEnvironment = v.object({
  /** The GitHub App's id. */
  APP_ID: integerSetting(1, 999_999_999_999),
  PRIVATE_KEY: secretSetting(privateKey),
  /** Without it, anyone could give commands: so it has no default. */
  WEBHOOK_SECRET: secretSetting(v.string('expected the webhook secret of the GitHub App')),
});

const Environment = v.object({
  /** Where the set-up page keeps the GitHub App that it has registered; read if `APP_ID` is not given. */
  COXSWAIN_APP_FILE: v.optional(v.string(), '.coxswain/app.json'),
  /** A GitHub Enterprise Server, in place of github.com. */
  GHE_HOST: v.optional(v.pipe(v.string(hostMessage), v.regex(/^[a-z0-9.-]+(:\d+)?$/i, hostMessage))),
  /** By default that of `GHE_HOST`, or of github.com. */
  GITHUB_API_URL: addressSetting(v.optional(url)),
  /** The host in job ids; by default the one whose API is at `GITHUB_API_URL`. */
  GITHUB_HOST: v.optional(v.string()),
  /** `off` lets writes go as fast as they come: for the embedded GitHub only. */
  GITHUB_THROTTLE: v.optional(v.picklist(['on', 'off'], 'expected "on" or "off"'), 'on'),
  ORCHESTRATOR_URL: addressSetting(url),
  ORCHESTRATOR_KEY: secretSetting(v.string('expected the function key of the orchestrator')),
  HOST: v.optional(v.string(), '127.0.0.1'),
  /** 0: any free port. */
  PORT: v.optional(integerSetting(0, 65_535), '3000'),
  /** Where `/metrics` is served; without it, nowhere. */
  METRICS_PORT: v.optional(integerSetting(0, 65_535)),
  METRICS_HOST: v.optional(v.string(), '127.0.0.1'),
  /** Where GitHub and people reach the bot, if that is not where it listens. */
  PUBLIC_URL: v.optional(url),
  /** A channel of smee.io, or of a server like it, from which webhooks are fetched: in development only. */
  WEBHOOK_PROXY_URL: secretSetting(addressSetting(v.optional(url))),
  NODE_ENV: v.optional(v.string()),
  /** Between two looks at the jobs that run. */
  TRACKER_SECONDS: v.optional(secondsText, '5'),
  /** Between two edits of a reply whose job has run for a while; the first ones come sooner. */
  EDIT_SECONDS: v.optional(secondsText, '30'),
  /** The most comments and edits of one installation in any hour. */
  WRITES_PER_HOUR: v.optional(integerSetting(1, 1_000_000), '300'),
  /** Between two looks for deliveries that failed. */
  REDELIVERY_SECONDS: v.optional(secondsText, '180'),
  /** Between two looks for comments that no webhook told of. */
  SWEEP_SECONDS: v.optional(secondsText, '180'),
  /** The timeout for reading a policy; GitHub waits 10 seconds for an answer to a webhook. */
  POLICY_SECONDS: v.optional(secondsText, '5'),
  /** Where decisions are kept as blobs: a connection string, or the URL of a blob endpoint with its SAS. */
  AUDIT_STORAGE: secretSetting(storageSetting(v.optional(v.string()))),
  /** Tells this bot from all others; by default made up at each start. Two bots of one name would take each other for themselves. */
  COXSWAIN_INSTANCE: v.optional(
    v.pipe(v.string(instanceMessage), v.regex(/^[A-Za-z0-9._-]{1,100}$/, instanceMessage)),
  ),
  /** The shared lock of a local platform's children. */
  COXSWAIN_CREW_LOCK: v.optional(v.string()),
});
type Environment = v.InferOutput<typeof Environment>;

/** The names of the bot's secret settings. */
export const botSecretNames: readonly string[] = [AppEnvironment, Environment].flatMap(getSecretNames);

/** The GitHub App that the bot is. */
export type AppCredentials = { id: number; privateKey: string; webhookSecret: string };

export type BotSettings = {
  app: AppCredentials;
  /** `host` is part of every job id, so it must not change. `webUrl`: where people see GitHub. */
  github: { apiUrl: string; webUrl: string; host: string; throttle: boolean };
  orchestrator: { url: string; key: string };
  listen: { host: string; port: number };
  /** Where `/metrics` is served; undefined: nowhere. */
  metrics: { host: string; port: number } | undefined;
  publicUrl: string | undefined;
  webhookProxy: string | undefined;
  seconds: { tracker: number; edit: number; redelivery: number; sweep: number; policy: number };
  writesPerHour: number;
  /** Undefined: decisions stand in the log alone. */
  auditStorage: string | undefined;
  /** Tells this process from all other bots. */
  instance: string;
  dataDirLock: string | undefined;
};

/** Settings of a bot that is no GitHub App yet. */
export type UnregisteredSettings = Omit<BotSettings, 'app'> & { appFile: string };

/** Whether the environment says which GitHub App the bot is, or tries to. */
export const hasAppSettings = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  Object.keys(AppEnvironment.entries).some((name) => (environment[name] ?? '') !== '');

/** The bot's settings. @throws SettingsError */
export const readBotSettings = (environment: NodeJS.ProcessEnv = process.env): BotSettings => {
  const values = readSettings(v.object({ ...AppEnvironment.entries, ...Environment.entries }), environment);
  return {
    app: { id: values.APP_ID, privateKey: values.PRIVATE_KEY, webhookSecret: values.WEBHOOK_SECRET },
    ...readCommonSettings(values),
  };
};

/** The settings of a bot whose GitHub App stands in a file, or is still to be registered. @throws SettingsError */
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

/** An Enterprise Server has its API under a path, github.com and its private relatives on ghe.com under a host of its own. */
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
