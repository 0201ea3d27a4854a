import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openGitHubEmulator, type GitHubEmulator } from '../github-emulator/github-emulator.ts';
import type { CatalogueProblem } from '../compute/catalogue-folder.ts';
import { startLocalCompute } from '../compute/start-compute.ts';
import { TaskSettings } from '../compute/task-settings.ts';
import { createHttpJobs } from '../../compute/client/index.ts';
import { startChild } from '../../runtime/child-process.ts';
import { getSharedLockPath } from '../../runtime/data-dir-lock.ts';
import { readSettings } from '../../runtime/settings.ts';
import { withTimeout } from '../../runtime/async/timeout.ts';
import type { Releases } from '../../runtime/lifecycle.ts';
import type { Logger } from '../../runtime/log.ts';
import { supervise, type SupervisedChild } from '../../runtime/supervised-child.ts';
import { openDataFolder } from './data-folder.ts';
import { publishPlatformFile } from './publish-platform-file.ts';
import { openPolicyCheck } from './policy-check.ts';
import { choosePorts, type PlatformPorts } from './ports.ts';
import { loadSecrets, type PlatformSecrets } from './secrets.ts';
import { PlatformSettings } from './settings.ts';

export type LocalPlatformOptions = {
  /** The absolute path of the data folder, which is created if it is missing. */
  folder: string;
  /** The first of five ports; 0 for any free ports. */
  port: number;
  /** The package of an orchestrator to host; by default that in `COXSWAIN_FUNCTIONS_APP`, or else the orchestrator runs in this process. */
  functionsApp?: string | undefined;
  releases: Releases;
  log: Logger;
};

export type StartedPlatform = {
  /** The address of the page, with a code that signs in one browser. */
  address: string;
  /** The address of the page that edits the policy. */
  policyAddress: string;
  catalogueProblems: CatalogueProblem[];
};

/** The policy of a new repository. */
const samplePolicy = new URL('policy.yml', import.meta.url);

/** The code owners of the policy, as recommended in docs/policy.md. */
const sampleOwners = '/.github/coxswain.yml @acme/ops\n/.github/CODEOWNERS @acme/ops\n';

/** The app's identity on the embedded GitHub. */
const app = { id: 1, slug: 'coxswain' };

/**
 * Starts a local platform with a data folder, new or existing: compute, embedded GitHub, bot. Resolves when all of it is ready and
 * `platform.json` is written. `releases` stops it in reverse order.
 * @throws SettingsError, FolderError, DataDirInUseError, NotOwnerError, PortInUseError
 */
export const startLocalPlatform = async ({
  folder,
  port,
  functionsApp,
  releases,
  log,
}: LocalPlatformOptions): Promise<StartedPlatform> => {
  const settings = readSettings(PlatformSettings);
  const file = functionsApp ?? settings.COXSWAIN_FUNCTIONS_APP;
  const lock = openDataFolder(folder);
  releases.add('the data folder', () => lock.release());
  const [ports, secrets] = await Promise.all([choosePorts(folder, port), loadSecrets(folder)]);
  const botUrl = `http://127.0.0.1:${ports.bot}`;
  const webhookUrl = `${botUrl}/api/github/webhooks`;

  const [compute, github] = await Promise.all([
    startLocalCompute({
      folder,
      ports,
      keys: {
        function: secrets.functionKey,
        system: secrets.systemKey,
        storage: secrets.storageKey,
      },
      callers: settings,
      tasks: readSettings(TaskSettings),
      streams: settings.COXSWAIN_STREAMS === 'on',
      functionsApp:
        file === undefined ? undefined : { file: resolve(file), publicUrl: settings.COXSWAIN_FUNCTIONS_URL },
      crewLock: getSharedLockPath(folder),
      programs: JSON.stringify(settings.COXSWAIN_PROGRAMS),
      releases,
      log,
    }),
    openGitHubEmulator({
      folder: join(folder, 'github'),
      port: ports.github,
      app: { ...app, ...secrets, webhookUrl },
      files: {
        '.github/coxswain.yml': await readFile(samplePolicy, 'utf8'),
        '.github/CODEOWNERS': sampleOwners,
      },
      jobs: createHttpJobs({
        url: `http://127.0.0.1:${ports.orchestrator}`,
        key: secrets.functionKey,
      }),
      fileCheck: openPolicyCheck(releases, log),
      pictureOrigin: `http://127.0.0.1:${ports.blob}`,
      log,
    }),
  ]);
  releases.add('the embedded GitHub', () => github.close());
  const bot = await startBotProcess({ folder, ports, secrets, orchestratorUrl: compute.url, github, log });
  releases.add('the bot', () => bot.stop(10_000));
  await publishPlatformFile({ folder, secrets, compute, github, botUrl, webhookUrl, bot, releases });
  return {
    address: github.signInAddress(),
    policyAddress: `${github.url}/${github.repository}/blob/main/.github/coxswain.yml`,
    catalogueProblems: compute.catalogueProblems,
  };
};

type BotProcessOptions = {
  folder: string;
  ports: PlatformPorts;
  secrets: PlatformSecrets;
  orchestratorUrl: string;
  github: GitHubEmulator;
  log: Logger;
};

/** Starts the bot in a supervised process. Resolves when it listens. */
const startBotProcess = async ({
  folder,
  ports,
  secrets,
  orchestratorUrl,
  github,
  log,
}: BotProcessOptions): Promise<SupervisedChild> => {
  const environment = {
    APP_ID: String(app.id),
    GITHUB_API_URL: `${github.url}/api/v3`,
    GITHUB_THROTTLE: 'off',
    ORCHESTRATOR_URL: orchestratorUrl,
    PORT: String(ports.bot),
    TRACKER_SECONDS: '1',
    TRACKER_IDLE_SECONDS: '10',
    EDIT_SECONDS: '1',
    // The embedded GitHub has no rate limit, so replies never wait for the write budget.
    WRITES_PER_HOUR: '1000000',
    // A restarted bot takes over the leases of its predecessor at once.
    COXSWAIN_INSTANCE: 'local',
    COXSWAIN_CREW_LOCK: getSharedLockPath(folder),
  };
  const ready = Promise.withResolvers<void>();
  const bot = supervise({
    name: 'bot',
    log,
    start: () =>
      startChild({
        name: 'bot',
        entry: fileURLToPath(new URL('../../bot/main.ts', import.meta.url)),
        environment,
        secrets: {
          PRIVATE_KEY: secrets.privateKey,
          WEBHOOK_SECRET: secrets.webhookSecret,
          ORCHESTRATOR_KEY: secrets.functionKey,
        },
        onMessage: () => ready.resolve(),
      }),
  });
  try {
    await withTimeout(20_000, ready.promise, 'The bot did not start within 20 s; see its log.');
    return bot;
  } catch (error) {
    await bot.stop(1_000);
    throw error;
  }
};
