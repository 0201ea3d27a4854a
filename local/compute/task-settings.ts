import * as v from 'valibot';
import { AppSettings } from '../../compute/orchestrator/settings.ts';
import { ContainerRunnerSettings } from '../../compute/launcher/container-instances/runner-settings.ts';
import { ContainerInstancesSettings } from '../../compute/launcher/container-instances/settings.ts';

/** The settings of tasks, which a local platform shares with an orchestrator on Azure. */
export const TaskSettings = v.object({
  ...ContainerInstancesSettings.entries,
  ...ContainerRunnerSettings.entries,
  COXSWAIN_LAUNCH_SECONDS: AppSettings.entries.COXSWAIN_LAUNCH_SECONDS,
  COXSWAIN_START_SECONDS: AppSettings.entries.COXSWAIN_START_SECONDS,
});
export type TaskSettings = v.InferOutput<typeof TaskSettings>;
