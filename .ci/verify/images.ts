import { chown, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sleep } from '../../runtime/async/clock.ts';
import { withTimeout } from '../../runtime/async/timeout.ts';
import { Releases } from '../../runtime/lifecycle.ts';
import { parseProcStatus } from '../../runtime/program-user.ts';
import { buildImages, imageNames, type BuiltImages, type ImageName } from '../images/build-images.ts';
import { findBuildObstacle } from '../images/buildah.ts';
import { openContainerNetwork, type ContainerNetwork } from '../images/container-network.ts';
import { startContainer, type Container } from '../images/container.ts';
import { unpackImage } from '../images/image-archive.ts';
import type { Missing } from '../tools/recipe.ts';
import { printResult, type CheckResult } from './check-result.ts';
import { openImageSettings, type ImageSettings } from './image-settings.ts';
import { run } from './run.ts';

/** The user and group of our images. */
const user = 65_532;

/** The time from SIGTERM to SIGKILL that Kubernetes gives a pod by default, in milliseconds. */
const graceMilliseconds = 30_000;

/** Builds our images, and runs each in a container that is as restricted as a pod, if this machine can do that. */
export const checkImages = async (): Promise<{ checks: CheckResult[]; missing: Missing[] }> => {
  const obstacle = (await findBuildObstacle()) ?? (await findRunObstacle());
  if (obstacle !== undefined) return { checks: [], missing: [{ tools: ['images'], why: obstacle }] };
  const images = Promise.withResolvers<BuiltImages>();
  const built = await printResult(buildAll(images.resolve));
  if (built.wrong.length > 0) return { checks: [built], missing: [] };
  const releases = new Releases();
  try {
    const network = await openContainerNetwork(releases);
    const settings = openImageSettings(network.hostAddress, releases);
    const checks = [built];
    // The orchestrator comes first, and creates the queue for which the worker waits.
    for (const name of imageNames)
      checks.push(
        await printResult(checkImage(name, (await images.promise)[name].archive, network, settings[name])),
      );
    return { checks, missing: [] };
  } finally {
    await releases.end();
  }
};

/** Returns why images cannot be run on this machine; undefined if they can. */
export const findRunObstacle = async (): Promise<string | undefined> => {
  for (const [program, argument, debianPackage] of [
    ['runc', '--version', 'runc'],
    ['ip', '-Version', 'iproute2'],
    ['tar', '--version', 'tar'],
  ] as const)
    if ((await run([program, argument])).code !== 0)
      return `${program} is not installed (on Debian: ${debianPackage})`;
  return undefined;
};

const buildAll = async (onBuilt: (images: BuiltImages) => void): Promise<CheckResult> => {
  try {
    const images = await buildImages();
    onBuilt(images);
    const sizes = Object.entries(images).map(
      async ([name, { archive }]) => `${name} ${await formatSize(archive)}`,
    );
    return { name: `images build: ${(await Promise.all(sizes)).join(', ')}`, wrong: [], output: '' };
  } catch (error) {
    return { name: 'images build', wrong: [(error as Error).message], output: '' };
  }
};

const formatSize = async (file: string): Promise<string> =>
  `${Math.round((await stat(file)).size / 1_000_000)} MB`;

/** Unpacks an image, runs it, and stops it. */
const checkImage = async (
  name: ImageName,
  archive: string,
  network: ContainerNetwork,
  settings: ImageSettings,
): Promise<CheckResult> => {
  const releases = new Releases();
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-image-'));
  releases.add('the folder', () => rm(folder, { recursive: true, force: true }));
  let container: Container | undefined;
  const wrong: string[] = [];
  try {
    const image = await unpackImage(archive, folder);
    wrong.push(...findShells(image.root));
    const { volume, environment } = settings;
    const volumes = volume === undefined ? {} : { [volume]: await createVolume(folder) };
    container = await startContainer({
      ...image,
      folder: join(folder, 'bundle'),
      environment,
      volumes,
      network: network.name,
    });
    releases.add('the container', () => end(container!));
    wrong.push(...(await findUnanswered(container, network, settings)));
    wrong.push(...(await findPrivileges(container)));
    wrong.push(...(await findUngracefulStop(container)));
  } catch (error) {
    wrong.push((error as Error).message);
  } finally {
    await releases.end();
  }
  return {
    name: `image ${name} runs restricted, and stops`,
    wrong,
    output: container?.output().slice(-4_000) ?? '',
  };
};

const createVolume = async (folder: string): Promise<string> => {
  const volume = join(folder, 'volume');
  await mkdir(volume);
  await chown(volume, user, user);
  return volume;
};

const end = async (container: Container): Promise<void> => {
  await container.signal('KILL');
  await container.exited;
};

const findShells = (root: string): string[] => {
  const names = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'busybox', 'toybox']);
  const shells = globSync('**/*', { cwd: root }).filter((path) => names.has(basename(path)));
  return shells.map((path) => `there is a shell: /${path}`);
};

/** Sends all probes to all addresses of a container until they succeed, or the container exits. */
const findUnanswered = async (
  container: Container,
  { containerAddresses }: ContainerNetwork,
  { probes }: ImageSettings,
): Promise<string[]> => {
  const hasExited = container.exited.then((code) => `it exited with ${code} before it was ready`);
  const urls = containerAddresses.flatMap((address) =>
    probes.map(([port, path]) => `http://${address}:${port}${path}`),
  );
  const answers = urls.map((url) => waitForSuccess(url).then(() => undefined));
  const problems = await Promise.all(answers.map((answer) => Promise.race([answer, hasExited])));
  return problems.flatMap((problem) => problem ?? []).slice(0, 1);
};

const readinessMilliseconds = 60_000;

const waitForSuccess = (url: string): Promise<void> => {
  let last = 'no answer';
  const poll = async (): Promise<void> => {
    for (const until = Date.now() + readinessMilliseconds; Date.now() < until; await sleep(100)) {
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
        last = `${response.status} ${await response.text()}`;
        if (response.ok) return;
      } catch (error) {
        last = String((error as Error).cause ?? error);
      }
    }
    throw new Error(`${url} did not succeed: ${last}`);
  };
  return poll();
};

/** Reads from `/proc` what is in force for a container's first process. */
export const findPrivileges = async (container: Container): Promise<string[]> => {
  const process = `/proc/${await container.pid()}`;
  const status = parseProcStatus(await readFile(`${process}/status`, 'utf8'));
  const own = Array.from({ length: 4 }, () => user).join('\t');
  const none = '0000000000000000';
  const expected = {
    Uid: own,
    Gid: own,
    CapPrm: none,
    CapEff: none,
    CapBnd: none,
    CapAmb: none,
    NoNewPrivs: '1',
  };
  const wrong = Object.entries(expected).flatMap(([name, value]) =>
    status[name] === value ? [] : [`${name} is ${status[name]}, expected ${value}`],
  );
  if (!status['NSpid']?.endsWith('\t1')) wrong.push(`its process is not PID 1: NSpid is ${status['NSpid']}`);
  const script = `try { fs.writeFileSync('/app/file', ''); } catch (error) { console.log(error.code); }`;
  const { output } = await container.execute(['node', '-e', script]);
  if (output.trim() !== 'EROFS') wrong.push(`its root is not read-only: ${output}`);
  return wrong;
};

const findUngracefulStop = async (container: Container): Promise<string[]> => {
  await container.signal('TERM');
  try {
    const code = await withTimeout(
      graceMilliseconds,
      container.exited,
      'it did not exit in time after SIGTERM',
    );
    return code === 0 ? [] : [`it exited with ${code} after SIGTERM`];
  } catch (error) {
    return [(error as Error).message];
  }
};
