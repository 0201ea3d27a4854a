import { BotEnvironment } from '../../bot/settings-schema.ts';
import { OrchestratorSettings } from '../../compute/orchestrator/settings.ts';
import { RunnerSettings } from '../../compute/runner/settings.ts';
import { WorkerSettings } from '../../compute/worker/settings.ts';
import { EmbeddedSettings } from '../../local/embedded-orchestrator/settings.ts';
import { PlatformSettings } from '../../local/platform/settings.ts';
import type { SettingsSchema } from '../../runtime/settings.ts';

/** A program with settings. */
export type Deployable = {
  /** The bundle in `dist/`, which can print its settings; missing for the local platform, which runs from the sources. */
  bundle?: string;
  /** The title of its section in `docs/configuration.md`. */
  title: string;
  /** How it runs, and notes about its settings, in Markdown. */
  about: string;
  schema: SettingsSchema;
  readsFiles: boolean;
  /** How a changed value is applied, in a few words. */
  restart: { variable: string; file: string };
};

const bySupervisor = {
  variable: 'yes',
  file: 'yes; automatic for the file',
};

/** The programs that are deployed, and the local platform, with their settings. */
export const deployables = {
  orchestrator: {
    bundle: 'orchestrator',
    title: 'The orchestrator on Azure Functions',
    about:
      'Set these as application settings of the Functions app ([Coxswain on Azure](azure.md)). Azure restarts the app when you change one. A value can be a [Key Vault reference](https://learn.microsoft.com/azure/app-service/app-service-key-vault-references); the app refuses a reference that Azure could not resolve. The app reads no settings from files.',
    schema: OrchestratorSettings,
    readsFiles: false,
    restart: { variable: 'by Azure', file: 'by Azure' },
  },
  'embedded-orchestrator': {
    bundle: 'embedded-orchestrator',
    title: 'The orchestrator without Azure Functions',
    about:
      'Variables of the container from [compute/orchestrator/Dockerfile](../compute/orchestrator/Dockerfile) ([an orchestrator in the cluster](kubernetes.md#an-orchestrator-in-the-cluster)), or of the process.',
    schema: EmbeddedSettings,
    readsFiles: true,
    restart: bySupervisor,
  },
  worker: {
    bundle: 'worker',
    title: 'The worker',
    about:
      'Variables of the container from [compute/worker/Dockerfile](../compute/worker/Dockerfile), or of the process ([The worker](worker.md)). [The chart](../charts/coxswain/README.md) sets them from its values.',
    schema: WorkerSettings,
    readsFiles: true,
    restart: bySupervisor,
  },
  bot: {
    bundle: 'bot',
    title: 'The bot',
    about:
      'Variables of the container from [bot/Dockerfile](../bot/Dockerfile), or of the process ([Installing the bot](install.md)). [The chart](../charts/coxswain/README.md) sets them from its values. Instead of setting `APP_ID`, `PRIVATE_KEY` and `WEBHOOK_SECRET`, you can register the app on the set-up page.',
    schema: BotEnvironment,
    readsFiles: true,
    restart: bySupervisor,
  },
  runner: {
    bundle: 'runner',
    title: 'The runner',
    about:
      'The launcher starts a runner for each task and sets its variables, so a change applies to the next task.',
    schema: RunnerSettings,
    readsFiles: true,
    restart: { variable: 'no', file: 'no' },
  },
  platform: {
    title: 'The local platform',
    about:
      'Variables of `npm start`, all of them optional. The platform uses them itself, or passes them to its programs. It sets all other settings of its programs itself. With [the settings of Azure Container Instances](#the-orchestrator-on-azure-functions), it runs tasks there instead of in processes of this machine.',
    schema: PlatformSettings,
    readsFiles: false,
    restart: { variable: 'yes', file: '' },
  },
} as const satisfies Record<string, Deployable>;
