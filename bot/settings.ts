import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { readSettings, type ReadOptions } from '../runtime/settings.ts';
import { AppEnvironment, BotEnvironment, UnregisteredEnvironment } from './settings-schema.ts';

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
  /** `trackerIdle`: undefined to poll as while no job runs. */
  seconds: {
    tracker: number;
    trackerIdle: number | undefined;
    edit: number;
    redelivery: number;
    sweep: number;
    policy: number;
  };
  writesPerHour: number;
  /** Undefined: decisions are only logged. */
  auditStorage: string | undefined;
  /** Undefined: the orchestrator stores the leases of the replicas. */
  leaseStorage: string | undefined;
  /** Identifies this process among all bots. */
  instance: string;
  dataDirLock: string | undefined;
};

/** The settings of a bot that may not be registered as a GitHub App yet. */
export type UnregisteredSettings = Omit<BotSettings, 'app'> & { appFile: string };

/** Returns whether the environment has any setting of the GitHub App, or the path of a file with one. */
export const hasAppSettings = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  Object.keys(AppEnvironment.entries).some(
    (name) => (environment[name] || environment[`${name}_FILE`] || '') !== '',
  );

/** Reads the bot's settings. @throws SettingsError */
export const readBotSettings = (environment?: NodeJS.ProcessEnv, options?: ReadOptions): BotSettings => {
  const values = readSettings(BotEnvironment, environment, options);
  return {
    app: { id: values.APP_ID, privateKey: values.PRIVATE_KEY, webhookSecret: values.WEBHOOK_SECRET },
    ...readCommonSettings(values),
  };
};

/** Reads the settings of a bot whose GitHub App is in a file, or not registered yet. @throws SettingsError */
export const readUnregisteredSettings = (
  environment?: NodeJS.ProcessEnv,
  options?: ReadOptions,
): UnregisteredSettings => {
  const values = readSettings(UnregisteredEnvironment, environment, options);
  return { ...readCommonSettings(values), appFile: values.COXSWAIN_APP_FILE };
};

const readCommonSettings = (values: UnregisteredEnvironment): Omit<BotSettings, 'app'> => {
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
      trackerIdle: getIdleSeconds(values),
      edit: values.EDIT_SECONDS,
      redelivery: values.REDELIVERY_SECONDS,
      sweep: values.SWEEP_SECONDS,
      policy: values.POLICY_SECONDS,
    },
    writesPerHour: values.WRITES_PER_HOUR,
    auditStorage: values.AUDIT_STORAGE,
    leaseStorage: values.LEASE_STORAGE,
    instance: values.COXSWAIN_INSTANCE ?? `${hostname()}-${randomBytes(4).toString('hex')}`,
    dataDirLock: values.COXSWAIN_CREW_LOCK,
  };
};

/** Without storage for leases, a leader cannot learn about the jobs that other replicas start, so by default it keeps polling. */
const getIdleSeconds = (values: UnregisteredEnvironment): number | undefined =>
  values.TRACKER_IDLE_SECONDS ?? (values.LEASE_STORAGE === undefined ? undefined : defaultIdleSeconds);

const defaultIdleSeconds = 120;

const readGitHubSettings = (values: UnregisteredEnvironment): BotSettings['github'] => {
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
