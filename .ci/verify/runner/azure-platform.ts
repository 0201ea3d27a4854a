import type { Releases } from '../../../runtime/lifecycle.ts';
import { startTestPlatform, type LocalPlatform } from '../../../test/fixtures/local-platform.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import { getBlobPort, openAzureStage, type AzureStage } from './azure-stage.ts';

/**
 * Starts a local platform whose tasks run in container groups of a stand-in for Azure, each of them a real container with the runner's image
 * and the Azure CLI. `releases` ends it.
 */
export const startAzurePlatform = async (
  image: RunnerImage,
  releases: Releases,
): Promise<{ platform: LocalPlatform; stage: AzureStage }> => {
  const stage = await openAzureStage(image, releases);
  const platform = await startTestPlatform(() => stage.azure.environment);
  releases.add('the platform', () => platform.remove());
  await stage.forwardPort(getBlobPort((await platform.file()).storage.connectionString));
  return { platform, stage };
};
