import { join } from 'node:path';
import { installRecipes, toFolder } from '../../../.ci/tools/recipe.ts';
import { run } from '../../../.ci/verify/run.ts';
import { clusterRecipes, kedaFolder } from './recipes.ts';

type ClusterTool = ReturnType<typeof clusterRecipes>[number]['tools'][number];

/** The path of each program of a cluster, by name. */
export type Programs = Record<ClusterTool, string>;

/** The folder with KEDA's manifests. */
export const kedaManifests = join(toFolder({ folder: kedaFolder }), 'config');

/**
 * Builds the programs of a cluster that are not in the cache. Prints each.
 * @param signal ends the building
 * @throws Error if one cannot be built
 */
export const buildPrograms = async (signal: AbortSignal): Promise<Programs> => {
  const { code, output } = await run(['go', 'env', 'GOMODCACHE']);
  if (code !== 0) throw new Error(`"go env GOMODCACHE" exited with ${code}:\n${output}`);
  const { tools, installed, missing } = await installRecipes<ClusterTool>(
    clusterRecipes(output.trim()),
    signal,
  );
  const failed = installed.find(({ wrong }) => wrong.length > 0);
  signal.throwIfAborted();
  if (failed || missing.length > 0) throw new Error(failed ? `Failed: ${failed.name}` : missing[0]?.why);
  return tools as Programs;
};
