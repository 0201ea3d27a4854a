import { createPrivateKey } from 'node:crypto';
import * as v from 'valibot';
import { findAddressProblem, findStorageProblem } from '../runtime/secure-address.ts';
import { integerSetting, secretSetting, setting, type SettingCheck } from '../runtime/settings.ts';
import { dataDirLockSetting, sharedSettings } from '../runtime/shared-settings.ts';

/* The schemas of the bot's settings. */

const url = v.pipe(v.string('expected a URL'), v.url('expected a URL'));

const secondsMessage = 'expected seconds from 0.05 to 3600';
const secondsText = v.pipe(
  v.string(secondsMessage),
  v.regex(/^\d{1,4}(\.\d{1,3})?$/, secondsMessage),
  v.transform(Number),
  v.check((n) => n >= 0.05 && n <= 3_600, secondsMessage),
);
const seconds = (byDefault: string) => v.optional(secondsText, byDefault);
const onOff = v.picklist(['on', 'off'], 'expected "on" or "off"');

const keyMessage = 'expected the private key of the GitHub App, in PEM form';
/** Many hosts store a key in one line, with line breaks as `\n`. */
const privateKey = v.pipe(
  v.string(keyMessage),
  v.transform((text) => text.replaceAll(String.raw`\n`, '\n')),
  v.check(isPrivateKey, keyMessage),
);

const storageMessage = 'expected a connection string, or the URL of a blob endpoint with its SAS';
const storage = v.pipe(
  v.string(storageMessage),
  v.check((text) => URL.canParse(text) || text.includes('='), storageMessage),
);

const instanceMessage = 'expected at most 100 letters, digits, ".", "_" or "-"';
const fromSetupPage = {
  whenMissing: 'the app of the set-up page',
  remedy: 'Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET, or none of them to use the set-up page.',
};
const findProductionProblem: SettingCheck = (_, environment) =>
  environment['NODE_ENV'] === 'production'
    ? 'nothing, because NODE_ENV is "production" and the setting is for development'
    : undefined;
const hostMessage = 'expected the host of a GitHub Enterprise Server, such as ghe.example';

/** The settings of the GitHub App, which the set-up page can also register. */
export const AppEnvironment = v.object({
  APP_ID: setting('The id of the GitHub App.', integerSetting(1, 999_999_999_999), {
    // Stored together with the secrets.
    inFile: true,
    ...fromSetupPage,
  }),
  PRIVATE_KEY: secretSetting(
    'The private key of the GitHub App, in PEM form. Its line breaks can be written as `\\n`.',
    privateKey,
    fromSetupPage,
  ),
  // It has no default, because without it anyone could send commands.
  WEBHOOK_SECRET: secretSetting(
    'The webhook secret of the GitHub App, with which GitHub signs webhooks. Choose at least 8 characters.',
    v.string('expected the webhook secret of the GitHub App'),
    fromSetupPage,
  ),
});

/** The settings of a bot that is not registered yet, or whose app is in a file. */
export const UnregisteredEnvironment = v.object({
  COXSWAIN_APP_FILE: setting(
    'The file in which the set-up page stores the GitHub App. The bot reads it if `APP_ID`, `PRIVATE_KEY` and `WEBHOOK_SECRET` are not set.',
    v.optional(v.string(), '.coxswain/app.json'),
  ),
  GHE_HOST: setting(
    'The host of GitHub Enterprise Server, such as ghe.example, or of GitHub Enterprise Cloud on ghe.com.',
    v.optional(v.pipe(v.string(hostMessage), v.regex(/^[a-z0-9.-]+(:\d+)?$/i, hostMessage))),
    { whenMissing: 'github.com' },
  ),
  GITHUB_API_URL: setting('The URL of GitHub’s API.', v.optional(url), {
    whenMissing: 'the API of `GHE_HOST`, or of github.com',
    checks: [findAddressProblem],
  }),
  GITHUB_HOST: setting(
    'The host in the ids of jobs. If you change it, the bot no longer finds the jobs of earlier comments.',
    v.optional(v.string()),
    { whenMissing: 'the host of `GITHUB_API_URL`' },
  ),
  GITHUB_THROTTLE: setting(
    'Whether the bot limits and spaces its writes to GitHub. `off` is only for the embedded GitHub of a local platform.',
    v.optional(onOff, 'on'),
  ),
  ORCHESTRATOR_URL: setting('The URL of the orchestrator.', url, { checks: [findAddressProblem] }),
  ORCHESTRATOR_KEY: secretSetting(
    'The key of the orchestrator: its `COXSWAIN_KEY`.',
    v.string('expected the key of the orchestrator'),
  ),
  HOST: setting(
    'The address on which the bot listens for webhooks. `::` means all addresses, IPv4 and IPv6, and is the default in the image.',
    v.optional(v.string(), '127.0.0.1'),
  ),
  PORT: setting(
    'The port on which the bot listens for webhooks. 0 selects any free port.',
    v.optional(integerSetting(0, 65_535), '3000'),
  ),
  METRICS_PORT: setting(
    'The port of `/metrics` (Prometheus). 0 selects any free port. The image sets it to 9090.',
    v.optional(integerSetting(0, 65_535)),
    { whenMissing: 'not served' },
  ),
  METRICS_HOST: setting(
    'The address on which the bot serves `METRICS_PORT`. `::` means all addresses, and is the default in the image.',
    v.optional(v.string(), '127.0.0.1'),
  ),
  PUBLIC_URL: setting(
    'The URL at which GitHub and people reach the bot, if it differs from the address on which the bot listens.',
    v.optional(url),
    { whenMissing: 'the address on which the bot listens' },
  ),
  WEBHOOK_PROXY_URL: secretSetting(
    'A channel of smee.io, or of a compatible server, that forwards webhooks. Only for development: not allowed if `NODE_ENV` is `production`.',
    v.optional(url),
    { whenMissing: 'none', checks: [findAddressProblem, findProductionProblem] },
  ),
  NODE_ENV: setting(
    '`production` rejects settings that are only for development. The image sets it.',
    v.optional(v.string()),
    {
      whenMissing: 'development',
    },
  ),
  TRACKER_SECONDS: setting('The interval between polls of running jobs, in seconds.', seconds('5')),
  TRACKER_IDLE_SECONDS: setting(
    'The interval between polls while no job runs and no command has arrived in the last two minutes, in seconds. The bot notices a job that a workflow starts, or (without `LEASE_STORAGE`) another replica, after at most this time.',
    v.optional(secondsText),
    { whenMissing: '120 with `LEASE_STORAGE`, otherwise three times `TRACKER_SECONDS`' },
  ),
  EDIT_SECONDS: setting(
    'The interval between edits of the reply of a long-running job, in seconds. The first edits come sooner.',
    seconds('30'),
  ),
  WRITES_PER_HOUR: setting(
    'The maximum number of writes (comments, edits, reactions and check runs) for each installation of the app in any hour, shared by all replicas.',
    v.optional(integerSetting(1, 1_000_000), '300'),
  ),
  REDELIVERY_SECONDS: setting(
    'The interval between polls for failed deliveries of webhooks, in seconds.',
    seconds('180'),
  ),
  SWEEP_SECONDS: setting(
    'The interval between polls for comments whose webhook did not arrive, in seconds.',
    seconds('180'),
  ),
  POLICY_SECONDS: setting(
    'The timeout for reading a policy, in seconds. GitHub waits 10 s for an answer to a webhook.',
    seconds('5'),
  ),
  AUDIT_STORAGE: secretSetting(
    'The storage account to which the bot also appends its decisions: a connection string, or the URL of a blob endpoint with its SAS.',
    v.optional(storage),
    { whenMissing: 'decisions are only logged', checks: [findStorageProblem] },
  ),
  LEASE_STORAGE: secretSetting(
    'The storage account in which the replicas elect their leader and count each other: a connection string, or the URL of a blob endpoint with its SAS. All replicas of the app need the same one. An idle bot then rarely calls the orchestrator.',
    v.optional(storage),
    { whenMissing: 'the orchestrator stores these leases', checks: [findStorageProblem] },
  ),
  COXSWAIN_INSTANCE: setting(
    'Identifies this bot among its replicas. Two bots must not have the same name, because they would share their leases.',
    v.optional(v.pipe(v.string(instanceMessage), v.regex(/^[A-Za-z0-9._-]{1,100}$/, instanceMessage))),
    { whenMissing: 'random' },
  ),
  ...sharedSettings,
  COXSWAIN_CREW_LOCK: dataDirLockSetting,
});
export type UnregisteredEnvironment = v.InferOutput<typeof UnregisteredEnvironment>;

/** All settings of the bot. */
export const BotEnvironment = v.object({ ...AppEnvironment.entries, ...UnregisteredEnvironment.entries });

function isPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(text).type === 'private';
  } catch {
    return false;
  }
}
