import { BotEnvironment } from '../../bot/settings-schema.ts';
import { OrchestratorSettings } from '../../compute/orchestrator/settings.ts';
import { RunnerSettings } from '../../compute/runner/settings.ts';
import { WorkerSettings } from '../../compute/worker/settings.ts';
import { EmbeddedSettings } from '../../local/embedded-orchestrator/settings.ts';
import type { SettingsSchema } from '../../runtime/settings.ts';

/** The settings of each program that is deployed, by the name of its bundle in `dist/`. */
export const deployableSettings = {
  orchestrator: OrchestratorSettings,
  'embedded-orchestrator': EmbeddedSettings,
  worker: WorkerSettings,
  bot: BotEnvironment,
  runner: RunnerSettings,
} as const satisfies Record<string, SettingsSchema>;
