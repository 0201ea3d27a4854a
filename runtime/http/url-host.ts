/** Returns an IP address or a name as the host of URLs: IPv6 in brackets, and IPv4 also if it arrived at a socket of IPv6. */
export const toUrlHost = (address: string): string => {
  const host = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return host.includes(':') ? `[${host}]` : host;
};
