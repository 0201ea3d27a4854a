import * as v from 'valibot';
import { buildAzureCliBase } from './azure-cli-base.ts';
import { buildDockerfile, dockerfiles } from './build-images.ts';
import { ImageConfig } from './image-archive.ts';
import { withImageStore } from './image-store.ts';
import { withNpmMounts } from './npm-mounts.ts';
import { buildStandInBases } from './stand-in-bases.ts';

const Inspected = v.object({ Docker: v.object({ config: ImageConfig }) });

/** `root`: the folder with the contents of the image. */
export type RunnerImage = { root: string; config: ImageConfig };

/**
 * Builds the runner's image on a stand-in for the base with the Azure CLI, and calls a function with it. It is not packed into an archive,
 * because it is large. See `findBuildObstacle` for the requirements.
 * @param az the path of the installed CLI
 */
export const withRunnerImage = <T>(az: string, work: (image: RunnerImage) => Promise<T>): Promise<T> =>
  withImageStore(async ({ buildah }) => {
    const bases = await buildStandInBases(buildah);
    const id = await withNpmMounts(async (npmMounts) =>
      buildDockerfile(dockerfiles.runner, {
        buildah,
        bases: { ...bases, BASE: await buildAzureCliBase(buildah, az) },
        npmMounts,
      }),
    );
    const container = await buildah('from', id);
    try {
      const root = await buildah('mount', container);
      const { Docker } = v.parse(Inspected, JSON.parse(await buildah('inspect', '--type=image', id)));
      return await work({ root, config: Docker.config });
    } finally {
      await buildah('rm', container);
    }
  });
