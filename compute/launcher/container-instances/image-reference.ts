/* Docker's grammar of image references: https://github.com/distribution/reference. Only ASCII and lower-case hosts are accepted. */

const host = String.raw`(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::\d{1,5})?`;
const pathPart = String.raw`[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*`;
const path = `${pathPart}(?:/${pathPart})*`;

const referencePattern = new RegExp(
  `^(?<name>(?:${host}/)?${path})(?<version>(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?)$`,
);
const registryPattern = new RegExp(`^${host}$`);
const prefixPattern = new RegExp(`^${host}(?:/${path})?$`);

/** The maximum length of the name of an image, with its host. */
const maxNameLength = 255;

export type ImageReference = {
  /** The host of the registry; null if the image names none. */
  host: string | null;
  /** The name without the host, the tag and the digest. */
  path: string;
  /** The tag and the digest, such as `:1.2` or `@sha256:…`; empty if the image has neither. */
  version: string;
};

/** Parses an image reference; undefined if it is not valid. */
export const parseImageReference = (text: string): ImageReference | undefined => {
  const { name, version = '' } = referencePattern.exec(text)?.groups ?? {};
  if (name === undefined || name.length > maxNameLength) return undefined;
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0 || !looksLikeHost(first)) return { host: null, path: name, version };
  return isRegistryHost(first) ? { host: first, path: rest.join('/'), version } : undefined;
};

/** Returns whether Docker takes the first part of a name for a host. */
const looksLikeHost = (text: string): boolean => /[.:]/.test(text) || text === 'localhost';

/** Returns whether a text is the host of a registry, with a port or without. */
export const isRegistryHost = (text: string): boolean => registryPattern.test(text) && looksLikeHost(text);

/** Returns whether a text is a host of a registry, or a host with the beginning of a path. */
export const isImagePrefix = (text: string): boolean =>
  prefixPattern.test(text) && isRegistryHost(text.split('/', 1)[0] ?? '');

/** Returns whether an image is at or below a prefix: `ghcr.io/acme` allows `ghcr.io/acme/tools`, and not `ghcr.io/acme-tools`. */
export const hasImagePrefix = ({ host, path: rest }: ImageReference, prefix: string): boolean =>
  host !== null && `${host}/${rest}/`.startsWith(`${prefix}/`);
