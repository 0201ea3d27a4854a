import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';

/** Cached by connection, because the kernel forgets the owner of a socket when it is closed. */
const cache = new WeakMap<Socket, number | undefined>();

/**
 * Returns the uid of the machine user whose process is at the other end of an IPv4 loopback connection; undefined if the peer is not
 * on this machine, or if the system does not show it (it is not Linux).
 */
export const getPeerUser = (socket: Socket): number | undefined => {
  if (!cache.has(socket)) cache.set(socket, findPeerUser(socket));
  return cache.get(socket);
};

const findPeerUser = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): number | undefined => {
  const [peer, own] = [formatEndpoint(remoteAddress, remotePort), formatEndpoint(localAddress, localPort)];
  if (peer === undefined || own === undefined) return undefined;
  // Searches for the peer's socket, so the ends are swapped. An IPv6 entry has the address after a prefix.
  const found = ['tcp', 'tcp6'].flatMap(readSocketTable).find(([, local, remote]) => {
    return local?.endsWith(peer) === true && remote?.endsWith(own) === true;
  });
  const uid = found?.[7];
  return uid === undefined ? undefined : Number(uid);
};

/** Returns the rows of a socket table. The columns are those of proc_net_tcp (https://docs.kernel.org/networking/proc_net_tcp.html): the second and third are ends, the eighth a uid. */
const readSocketTable = (table: string): string[][] => {
  try {
    const lines = readFileSync(`/proc/net/${table}`, 'utf8').split('\n');
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
};

/** Formats one end of a connection as in the table: the address as a number in native byte order, and the port. */
const formatEndpoint = (address: string | undefined, port: number | undefined): string | undefined => {
  if (address === undefined || port === undefined || !/^\d+(?:\.\d+){3}$/.test(address)) return undefined;
  const bytes = address.split('.').map(Number);
  const shown = endianness() === 'LE' ? bytes.toReversed() : bytes;
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${shown.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
};
