import { maskSecrets } from './log.ts';
import { handoverName, readSettingSources, secretsFromName, type SettingSources } from './secret-settings.ts';
import { SettingFiles } from './setting-files.ts';
import {
  findVariable,
  getFileSettings,
  hideCredentials,
  readSettings,
  type SettingsSchema,
} from './settings.ts';

/** Returns whether the program was started to print its settings, with `--print-config`, and for nothing else. */
export const isConfigRequested = (): boolean => process.argv.includes('--print-config');

type PrintOptions = {
  /** Whether the program reads settings from files. */
  readsFiles?: boolean;
};

/**
 * Prints the settings of a program to stdout. Returns the exit code.
 * @throws SettingsError if they are not valid
 */
export const printConfig = async (
  program: string,
  schema: SettingsSchema,
  { readsFiles = true }: PrintOptions = {},
): Promise<number> => {
  const files = new SettingFiles(readsFiles ? getFileSettings(schema) : []);
  const { environment, origins, unreadable } = await readSettingSources(files);
  const sources = { environment, origins, ...(readsFiles && { unreadable }) };
  process.stdout.write(formatConfig(program, schema, sources));
  return 0;
};

/** Where the settings come from. `unreadable` is missing if the program reads no settings from files. */
type ConfigSources = Pick<SettingSources, 'environment' | 'origins'> & Partial<SettingSources>;

/**
 * Returns the settings of a program as they apply, one line for each, in the order of the schema: `NAME=value  # source`, or
 * `# NAME is not set: …`. A value with spaces is in quotes; if it contains a single quote or a line break, it is a JSON string. The values
 * of secrets are never part of it.
 * @param program its name in a sentence, such as "worker"
 * @throws SettingsError if they are not valid
 */
export const formatConfig = (
  program: string,
  schema: SettingsSchema,
  { environment, origins, unreadable }: ConfigSources,
): string => {
  const values = readSettings(schema, environment, unreadable ? { unreadable } : {});
  const lines = Object.entries(schema.entries).flatMap(([name, { details }]) => {
    const variable = findVariable(schema, name, environment);
    const isSet = (environment[variable] ?? '') !== '';
    const value = values[name];
    if (value === undefined || (details.internal && !isSet))
      return details.internal
        ? []
        : [`# ${name} is not set: ${stripCode(details.whenMissing ?? 'no value')}`];
    const source = isSet ? (origins[name] ?? 'environment') : 'default';
    const former = variable === name ? '' : `, under its former name ${variable}`;
    const text = details.secret ? '[redacted]' : formatValue(value, environment[variable]);
    return [`${name}=${text}  # ${source}${former}`];
  });
  const unread = findUnread(schema, environment, unreadable !== undefined).map(
    (name) => `# ${name} is set, but the ${program} does not read it`,
  );
  return maskSecrets([`# Settings of the ${program}`, ...lines, ...unread, ''].join('\n'));
};

/** Descriptions are Markdown. */
const stripCode = (text: string): string => text.replaceAll('`', '');

/** Formats a value as it applies; one that is parsed, such as JSON, as it was written. */
const formatValue = (value: unknown, text: string | undefined): string => {
  const isPlain = typeof value === 'string' || typeof value === 'number';
  return quote(hideCredentials(isPlain ? String(value) : (text ?? JSON.stringify(value))));
};

const quote = (text: string): string => {
  if (/^[^\s"'#\\]*$/.test(text)) return text;
  return /['\n\r]/.test(text) ? JSON.stringify(text) : `'${text}'`;
};

/** Variables with which our own programs start each other. */
const ownVariables: readonly string[] = [secretsFromName, handoverName];

/** Returns variables that look like settings of the program, but are none. Someone may have misspelled them. */
const findUnread = (
  { entries }: SettingsSchema,
  environment: NodeJS.ProcessEnv,
  readsFiles: boolean,
): string[] => {
  const known = new Set([
    ...ownVariables,
    ...Object.entries(entries).flatMap(([name, { details }]) => [
      name,
      ...(details.formerName === undefined ? [] : [details.formerName]),
      ...(details.inFile && readsFiles ? [`${name}_FILE`] : []),
    ]),
  ]);
  const files = Object.keys(entries).map((name) => `${name}_FILE`);
  return Object.keys(environment)
    .filter((name) => (name.startsWith('COXSWAIN_') || files.includes(name)) && !known.has(name))
    .filter((name) => environment[name] !== '')
    .toSorted();
};
