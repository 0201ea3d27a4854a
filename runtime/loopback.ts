/*
 * `http://` is allowed to this machine because the traffic does not leave it. A proxy in the environment would send it elsewhere, with
 * its credentials; and most proxies cannot reach our loopback address anyway.
 */

/** The names of this machine that all HTTP clients compare literally, and call without a proxy; see `bypassProxyForLoopback`. */
const directHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** HTTP clients disagree about case. The Azure SDK uses each of these for http, too. */
const proxyNames = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap(toBothCases);
const bypassNames = toBothCases('no_proxy');

function toBothCases(name: string): string[] {
  return [name, name.toUpperCase()];
}

/**
 * Makes this process call this machine directly, whatever proxy the environment sets: adds `localhost`, `127.0.0.1` and `[::1]` to
 * `NO_PROXY`. Call it before the first client is created.
 */
export const bypassProxyForLoopback = (environment: NodeJS.ProcessEnv = process.env): void => {
  if (!hasProxy(environment)) return;
  const given = bypassNames.map((name) => environment[name] ?? '').filter((hosts) => hosts.trim() !== '');
  const hosts = [...new Set([...given.flatMap((list) => list.split(/[\s,]+/)), ...directHosts])];
  for (const name of bypassNames) environment[name] = hosts.filter((host) => host !== '').join(',');
};

/** Returns whether a URL's host is this machine, and is called without a proxy. */
export const isDirectLoopback = ({ hostname }: URL, environment: NodeJS.ProcessEnv): boolean =>
  directHosts.includes(hostname) || (isLoopback(hostname) && !hasProxy(environment));

/** `localhost.` is `localhost`, and `0x7f.1` is `127.0.0.1` after the URL was parsed. */
const isLoopback = (host: string): boolean =>
  host === 'localhost.' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

const hasProxy = (environment: NodeJS.ProcessEnv): boolean =>
  proxyNames.some((name) => (environment[name] ?? '') !== '');
