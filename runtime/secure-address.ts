import { isDirectLoopback } from './loopback.ts';

/** The setting with the hosts that may receive credentials over `http://`: names without ports, separated by commas. */
export const allowHttpName = 'COXSWAIN_ALLOW_HTTP';

const hostName = /^(?:[a-z\d](?:[a-z\d._-]*[a-z\d])?|\[[\da-f:.]+\])$/;
const addressExpected = `an https address (http is allowed only for this machine and for hosts in ${allowHttpName})`;

const normalizeHost = (host: string): string => host.toLowerCase().replace(/\.$/, '');

const parseHosts = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .filter((name) => name !== '')
    .map(normalizeHost);

/** Returns what was expected if a text is not a value of `COXSWAIN_ALLOW_HTTP`. */
export const findHostListProblem = (text: string): string | undefined =>
  parseHosts(text).every((name) => hostName.test(name))
    ? undefined
    : 'a comma-separated list of host names, such as "orchestrator.ns.svc"';

/**
 * Returns what was expected if a program must not send a credential to an address; undefined if it can. The rule is the same for all
 * programs: https, or http to this machine, or http to a host in `COXSWAIN_ALLOW_HTTP`. A link can have a signature in its query,
 * but no user name or password.
 */
export const findAddressProblem = (
  address: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined => {
  const hosts = environment[allowHttpName] ?? '';
  const problem = findHostListProblem(hosts);
  if (problem !== undefined) return `${allowHttpName} to be ${problem}`;
  const allowed = parseHosts(hosts);
  const url = URL.parse(address);
  if (!url || url.username !== '' || url.password !== '') return addressExpected;
  const isSecure =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' &&
      (isDirectLoopback(url, environment) || allowed.includes(normalizeHost(url.hostname))));
  return isSecure ? undefined : addressExpected;
};

/**
 * Returns the same for all addresses in a storage account's setting, which is a connection string or the URL of an endpoint.
 * Source: https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
 */
export const findStorageProblem = (
  storage: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined =>
  getAddresses(storage)
    .map((address) => findAddressProblem(address, environment))
    .find((problem) => problem !== undefined);

const getAddresses = (storage: string): string[] => {
  if (/^\s*https?:/i.test(storage)) return [storage.trim()];
  const parts = storage.split(';').map((part) => part.trim());
  const getValues = (name: RegExp): string[] =>
    parts.flatMap((part) => {
      const at = part.indexOf('=');
      return at > 0 && name.test(part.slice(0, at).trim()) ? [part.slice(at + 1).trim()] : [];
    });
  const named = getValues(/^(?:blob|queue|table|file)(?:secondary)?endpoint$|^developmentstorageproxyuri$/i);
  const [account = 'account'] = getValues(/^accountname$/i);
  const [suffix = 'core.windows.net'] = getValues(/^endpointsuffix$/i);
  const made = getValues(/^defaultendpointsprotocol$/i).flatMap((protocol) =>
    hasBothEndpoints(parts) ? [] : [`${protocol}://${account}.blob.${suffix}`],
  );
  return [...named, ...made];
};

/** Returns whether both endpoints are given, so that the protocol is not used. */
const hasBothEndpoints = (parts: readonly string[]): boolean =>
  [/^blobendpoint=/i, /^queueendpoint=/i].every((endpoint) => parts.some((part) => endpoint.test(part)));
