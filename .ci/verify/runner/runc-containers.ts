import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliFolder } from '../../images/azure-cli-base.ts';
import { startContainer, type Container } from '../../images/container.ts';
import type { RunnerImage } from '../../images/runner-image.ts';
import type { RunContainer, RunningContainer } from '../../../test/fixtures/azure/run-container.ts';

type RuncOptions = {
  image: RunnerImage;
  /** The folder for files of containers. */
  folder: string;
  /** The name of the network namespace. */
  network: string;
  /** Returns the certificate authority that the Azure CLI trusts, in PEM. */
  getAuthority: () => string;
  onStarted: OnContainer;
};

/** Receives a container that has been started, and its variables. */
export type OnContainer = (container: Container, variables: Readonly<Record<string, string>>) => void;

/** `management.azure.com` is a stand-in, to which the network namespace forwards. */
const hosts = '127.0.0.1 localhost management.azure.com\n';

/**
 * Runs container groups with runc: the runner's image as a user without privileges, with a read-only root and a writable `/tmp`. Removes
 * `IDENTITY_ENDPOINT`, so that clients ask instance metadata, as in Container Instances.
 */
export const createRuncContainers = (options: RuncOptions): RunContainer => {
  const { image, folder, network, getAuthority, onStarted } = options;
  const start = async (name: string, all: Readonly<Record<string, string>>): Promise<Container> => {
    const variables = Object.fromEntries(
      Object.entries(all).filter(([variable]) => !variable.startsWith('IDENTITY_')),
    );
    const own = join(folder, name);
    const tmp = join(own, 'tmp');
    await mkdir(tmp, { recursive: true });
    const [uid = 0, gid = 0] = image.config.User.split(':').map(Number);
    await chown(tmp, uid, gid);
    const files = { hosts: join(own, 'hosts'), ca: join(own, 'ca.pem') };
    await writeFile(files.hosts, hosts);
    await writeFile(files.ca, getAuthority());
    for (const file of Object.values(files)) await chmod(file, 0o644);
    const container = await startContainer({
      name,
      folder: join(own, 'bundle'),
      ...image,
      environment: variables,
      network,
      volumes: {
        '/tmp': tmp,
        '/etc/hosts': files.hosts,
        // The CLI's own list of authorities: scripts do not inherit a variable that names another one.
        [`${cliFolder}/certifi/cacert.pem`]: files.ca,
      },
    });
    onStarted(container, variables);
    return container;
  };
  return ({ name, variables }): RunningContainer => {
    const starting = start(name, variables);
    let container: Container | undefined;
    const exited = starting.then(async (started) => {
      container = started;
      return { exitCode: await started.exited };
    });
    return {
      exited,
      log: () => container?.output() ?? '',
      kill: async () => {
        await (await starting).signal('KILL');
        await exited;
      },
    };
  };
};
