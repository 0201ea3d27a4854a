/** Returns options, for a command that a message suggests: each with a blank before it, without those that have no value. */
export const formatFlags = (options: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(options)
    .map(([name, value]) => (value === undefined ? '' : ` --${name} ${quoteIfNeeded(value)}`))
    .join('');

/** Returns a text as one word of a POSIX shell, with quotes only if it needs them. */
export const quoteIfNeeded = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : quoteForShell(text);

/** Returns a text as one word of a POSIX shell. */
export const quoteForShell = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
