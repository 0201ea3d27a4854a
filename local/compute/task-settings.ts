import * as v from 'valibot';
import { ContainerRunnerSettings } from '../../compute/launcher/container-instances/runner-settings.ts';
import { ContainerInstancesSettings } from '../../compute/launcher/container-instances/settings.ts';

/** The settings of tasks, which a local platform shares with an orchestrator on Azure. */
export const TaskSettings = v.object({
  ...ContainerInstancesSettings.entries,
  ...ContainerRunnerSettings.entries,
});
export type TaskSettings = v.InferOutput<typeof TaskSettings>;
