import { Releases } from '../runtime/lifecycle.ts';
import { withRunnerImage, type RunnerImage } from './images/runner-image.ts';
import { compose, shoot, waitForReply, withScene, type Scene } from './picture-scene.ts';
import { startAzurePlatform } from './verify/runner/azure-platform.ts';
import { resourceGroup } from './verify/runner/azure-stage.ts';
import { findRunnerObstacle } from './verify/runner/check-runner.ts';
import { installTools } from './verify/tools.ts';

/** Takes a picture of the sample StopVM in a container group of a stand-in for Azure, with the real Azure CLI; or prints what is missing. */
export const takeAzure = async (): Promise<void> => {
  const { tools, missing } = await installTools(['az']);
  const obstacle = missing[0]?.why ?? (await findRunnerObstacle());
  if (tools.az === undefined || obstacle !== undefined) {
    console.log(`skipped docs/azure.png: ${obstacle ?? 'the Azure CLI could not be installed'}`);
    return;
  }
  await withRunnerImage(tools.az, takeOf);
};

const takeOf = async (image: RunnerImage): Promise<void> => {
  const releases = new Releases();
  try {
    const { platform } = await startAzurePlatform(image, releases);
    await withScene(platform, takeStop);
  } finally {
    await releases.end();
  }
};

const takeStop = async (scene: Scene): Promise<void> => {
  const { page, thread } = scene;
  const comment = await thread.write(
    'octavia',
    `/run StopVM VMName=web-1 ResourceGroupName=${resourceGroup}`,
  );
  const asked = await shoot(scene, comment.id);
  // From the sign-in to the end, the reply does not change.
  const signedIn = /is running[^]*servicePrincipal/;
  const reply = await waitForReply(scene, comment, signedIn);
  const running = await shoot(scene, reply.id, signedIn);
  await thread.waitForReply(comment, /Outputs: /);
  const card = page.locator(`#issuecomment-${reply.id}`).filter({ hasText: 'Outputs: ' });
  await card.getByText('End of the log').click();
  await compose(scene, 'azure', [
    { caption: 'octavia comments on an issue', images: [asked] },
    { caption: 'The reply, while the task runs in a container group', images: [running] },
    {
      caption: 'The same reply, when the Azure CLI has stopped the machine',
      images: [await shoot(scene, reply.id, /Outputs: /)],
    },
  ]);
};
