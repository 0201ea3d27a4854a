import { existsSync } from 'node:fs';
import type { Releases } from '../../runtime/lifecycle.ts';
import { run } from '../verify/run.ts';

/** A network namespace with a link to this machine. */
export type ContainerNetwork = {
  /** The name of the namespace. */
  name: string;
  /** This machine's address for the containers. */
  hostAddress: string;
  /** The addresses of the containers: of IPv4 and, if this machine has it, IPv6, in brackets. */
  containerAddresses: readonly string[];
};

/** Creates a network namespace. `releases` removes it. Its addresses are reserved for benchmarks and private networks. */
export const openContainerNetwork = async (releases: Releases): Promise<ContainerNetwork> => {
  const name = `${namePrefix}${process.pid}`;
  const link = `cox${process.pid}`;
  const subnet = `198.18.${process.pid % 256}`;
  const ipv6Prefix = `fd00:c0c5:e1a1:${(process.pid % 65_536).toString(16)}`;
  const ip = async (...argv: string[]): Promise<void> => {
    const { code, output } = await run(['ip', ...argv]);
    if (code !== 0) throw new Error(`ip ${argv.join(' ')} exited with ${code}: ${output}`);
  };
  for (const abandoned of await listAbandoned()) await ip('netns', 'delete', abandoned);
  await ip('netns', 'add', name);
  // The link ends with the namespace.
  releases.add('the network namespace', () => ip('netns', 'delete', name));
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  await ip('address', 'add', `${subnet}.1/24`, 'dev', link);
  await ip('-netns', name, 'address', 'add', `${subnet}.2/24`, 'dev', 'eth0');
  const hasIpv6 = await addIpv6().then(
    () => true,
    () => false,
  );
  await ip('link', 'set', link, 'up');
  for (const device of ['lo', 'eth0']) await ip('-netns', name, 'link', 'set', device, 'up');
  return {
    name,
    hostAddress: `${subnet}.1`,
    containerAddresses: [`${subnet}.2`, ...(hasIpv6 ? [`[${ipv6Prefix}::2]`] : [])],
  };

  async function addIpv6(): Promise<void> {
    // Without duplicate address detection, the addresses work at once.
    await ip('address', 'add', `${ipv6Prefix}::1/64`, 'dev', link, 'nodad');
    await ip('-netns', name, 'address', 'add', `${ipv6Prefix}::2/64`, 'dev', 'eth0', 'nodad');
  }
};

const namePrefix = 'coxswain-images-';

/** Returns the namespaces of processes that have ended without removing them. */
const listAbandoned = async (): Promise<string[]> => {
  const { stdout } = await run(['ip', 'netns', 'list']);
  return stdout
    .split(/\s/)
    .filter((word) => word.startsWith(namePrefix) && !existsSync(`/proc/${word.slice(namePrefix.length)}`));
};
