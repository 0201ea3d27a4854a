import { Releases } from '../../../runtime/lifecycle.ts';
import { waitUntil } from '../../../test/fixtures/local-platform.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import type { CheckResult } from '../check-result.ts';
import { startAzurePlatform } from './azure-platform.ts';
import { resourceGroup } from './azure-stage.ts';

/**
 * Comments `/run StopVM` in a thread: the orchestrator creates a container group, the runner's container stops the machine with the Azure
 * CLI, the reply says so, and no group is left.
 */
export const checkThread = async (image: RunnerImage): Promise<CheckResult> => {
  const releases = new Releases();
  const name = 'image runner stops a machine for a comment, in a container group that is removed';
  let output = '';
  try {
    const { platform, stage } = await startAzurePlatform(image, releases);
    const { jobs, reply } = await platform.say(
      `/run StopVM VMName=web-1 ResourceGroupName=${resourceGroup}`,
      'maintain',
    );
    output = `${platform.output().slice(-2_000)}\n${reply?.body}\n${stage.azure.requests.map(({ method, path, status }) => `${method} ${path} ${status}`).join('\n')}`;
    await waitUntil('the removal of the group', async () => stage.azure.groups().length === 0, 60);
    const wrong = [
      ...(jobs[0]?.state === 'completed' ? [] : [`the job is ${jobs[0]?.state} (${jobs[0]?.reason})`]),
      ...(stage.machine('web-1')?.powerState === 'PowerState/stopped' ? [] : ['the machine still runs']),
      ...(reply?.body.includes('About to power off') ? [] : ['the reply does not show the log of the CLI']),
    ];
    return { name, wrong, output };
  } catch (error) {
    return { name, wrong: [String((error as Error).stack)], output };
  } finally {
    await releases.end();
  }
};
