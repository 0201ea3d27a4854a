import * as v from 'valibot';
import { registerSecret } from './secrets.ts';
import { findUnresolvedReference } from './key-vault-reference.ts';
import { UserFacingError } from './user-facing-error.ts';

/** A program was started with invalid settings. The message is for the person who set them. */
export class SettingsError extends UserFacingError {
  override name = 'SettingsError';
}

/** Returns what a setting was expected to be, if its text is not acceptable in this environment. */
export type SettingCheck = (text: string, environment: NodeJS.ProcessEnv) => string | undefined;

/** Details about a setting besides its schema. `docs/configuration.md` and `--print-config` show them. */
export type SettingDetails = {
  /** What the setting does, in one or two sentences with the unit, in Markdown. */
  readonly description: string;
  /** Whether its value must never be printed or be visible to foreign programs. */
  readonly secret: boolean;
  /** Whether the file that `<NAME>_FILE` names can contain its value; by default, if it is a secret. */
  readonly inFile: boolean;
  /** The text for a missing value if there is no default, such as `random`. In Markdown. */
  readonly whenMissing?: string;
  /** What to do if the value is missing or not valid, if the error does not say it. */
  readonly remedy?: string;
  /** A name under which it is read for one more release, with a warning. If both variables are set, their values must be equal. */
  readonly formerName?: string;
  /** Other settings that must be set, too, if this one is set; for its text, if that makes a difference. */
  readonly requires?: readonly string[] | ((...args: Parameters<SettingCheck>) => readonly string[]);
  /** Checks of the text that depend on the environment, such as `findAddressProblem`. */
  readonly checks?: readonly SettingCheck[];
  /** Whether only our own programs set it, on their child processes. */
  readonly internal?: boolean;
};

type Setting = v.GenericSchema & { readonly details: SettingDetails };
/** The settings of a program by name. Each comes from `setting` or `secretSetting`. */
export type SettingsSchema = v.ObjectSchema<Record<string, Setting>, undefined>;

type OtherDetails = Partial<Omit<SettingDetails, 'description' | 'secret'>>;

/** Returns the schema of a setting with its description. Programs read settings once, so a change requires a restart. */
export const setting = <const S extends v.GenericSchema>(
  description: string,
  schema: S,
  details: OtherDetails = {},
): S & { readonly details: SettingDetails } => ({
  ...schema,
  details: { secret: false, inFile: false, ...details, description },
});

/** Returns the schema of a setting that is a secret, see `getSecretNames`. */
export const secretSetting = <const S extends v.GenericSchema>(
  description: string,
  schema: S,
  details: OtherDetails = {},
): S & { readonly details: SettingDetails } => ({
  ...schema,
  details: { inFile: true, ...details, description, secret: true },
});

/** Returns the names of a program's secret settings. Their values must never be printed or be visible to foreign programs. */
export const getSecretNames = ({ entries }: Pick<SettingsSchema, 'entries'>): string[] =>
  Object.keys(entries).filter((name) => entries[name]?.details.secret);

/** Returns the names of the settings that can be in files, see `SettingFiles`. */
export const getFileSettings = ({ entries }: Pick<SettingsSchema, 'entries'>): string[] =>
  Object.keys(entries).filter((name) => entries[name]?.details.inFile);

/** The inputs of `readSettings` besides the variables. */
export type ReadOptions = {
  /** Receives a sentence for each variable that has its former name. */
  warn?: (message: string) => void;
  /** What is wrong with the files of settings, by setting; see `readSettingSources`. Missing if the program reads no such files. */
  unreadable?: Partial<Readonly<Record<string, string>>>;
};

/**
 * Reads a program's settings from its environment, with a schema of variables by name. An empty variable counts as missing. From now
 * on, secret values are masked in everything that the program prints.
 * @throws SettingsError with all problems at once: each invalid variable, what was expected, what was received (unless it is a secret),
 *   and what to do
 */
export const readSettings = <const S extends SettingsSchema>(
  schema: S,
  environment: NodeJS.ProcessEnv = process.env,
  { warn = () => {}, unreadable }: ReadOptions = {},
): v.InferOutput<S> => {
  const names = Object.keys(schema.entries);
  // Every variable is named, if only as undefined: for a key that is missing, valibot would not use the schema's own words.
  const values = Object.fromEntries(names.map((name) => [name, readValue(schema, name, environment)]));
  const secrets = getSecretNames(schema);
  for (const name of secrets) registerSecret(values[name]);
  const result = v.safeParse(schema, values);
  const context = { schema, environment, values, unreadable };
  const lines = findProblems(context, result.issues ?? []);
  if (!result.success || lines.length > 0) throw createSettingsError(lines);
  warnOfFormerNames(context, warn);
  const output: Record<string, unknown> = result.output;
  // A schema may have changed the value, such as a one-line key with `\n` into several lines.
  for (const name of secrets) if (typeof output[name] === 'string') registerSecret(output[name]);
  return result.output;
};

type Context = {
  schema: SettingsSchema;
  environment: NodeJS.ProcessEnv;
  values: Readonly<Record<string, string | undefined>>;
  unreadable: ReadOptions['unreadable'];
};

/** Returns a line for each problem, in the order of the settings. A setting whose value is wrong or unknown is not judged further. */
const findProblems = (context: Context, issues: readonly v.BaseIssue<unknown>[]): string[] =>
  Object.keys(context.schema.entries).flatMap((name) => {
    const unknown =
      context.unreadable?.[name] ?? findConflict(context, name) ?? findUnresolved(context, name);
    if (unknown !== undefined) return [unknown];
    const wrong = issues.flatMap((issue) => {
      const path = v.getDotPath(issue) ?? '';
      const expected = issue.message.replace(/^expected /, '');
      return path.split('.')[0] === name ? [formatProblem(context, path, expected, issue.input)] : [];
    });
    return wrong.length > 0 ? wrong : findDependent(context, name);
  });

/** Builds the error for settings that are missing or not valid. @param lines one for each problem */
export const createSettingsError = (lines: readonly string[]): SettingsError =>
  new SettingsError(
    `Some settings in the environment are missing or not valid.\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );

const readVariable = (environment: NodeJS.ProcessEnv, name: string | undefined): string | undefined =>
  name === undefined || environment[name] === '' ? undefined : environment[name];

/** Returns the variable under which a setting is read: its name, or its former name if only that is set. */
export const findVariable = (
  { entries }: Pick<SettingsSchema, 'entries'>,
  name: string,
  environment: NodeJS.ProcessEnv,
): string => {
  const former = entries[name]?.details.formerName;
  const isFormer =
    readVariable(environment, name) === undefined && readVariable(environment, former) !== undefined;
  return isFormer && former !== undefined ? former : name;
};

const readValue = (
  schema: SettingsSchema,
  name: string,
  environment: NodeJS.ProcessEnv,
): string | undefined => readVariable(environment, findVariable(schema, name, environment));

/** Formats a problem of a setting. @param path its name, or the path of the value in it */
const formatProblem = (context: Context, path: string, expected: string, input: unknown): string => {
  const { schema, environment } = context;
  const [name = '', ...inner] = path.split('.');
  const { secret = true } = schema.entries[name]?.details ?? {};
  const received =
    input === undefined ? 'nothing' : secret || isSecretName(path) ? 'another value' : formatInput(input);
  const variable = [findVariable(schema, name, environment), ...inner].join('.');
  const action = findAction(context, name, input);
  return `${variable}: expected ${expected}, received ${received}${action === undefined ? '' : `. ${action}`}`;
};

/** Returns what to do about a problem of a setting, unless its message says it. */
const findAction = (
  { schema, environment, unreadable }: Context,
  name: string,
  input: unknown,
): string | undefined => {
  const { inFile, remedy } = schema.entries[name]?.details ?? {};
  if (input !== undefined || !inFile || !unreadable) return remedy;
  if (readVariable(environment, `${name}_FILE`) !== undefined) return `The file in ${name}_FILE is empty.`;
  return remedy ?? `Set it, or set ${name}_FILE to the path of a file with it.`;
};

const formatInput = (input: unknown): string => hideCredentials(JSON.stringify(input) ?? String(input));

/** Masks the user names and passwords of addresses in a text. */
export const hideCredentials = (text: string): string => text.replaceAll(/\/\/[^/@\s"]*@/g, '//[redacted]@');

const isSecretName = (name: string): boolean => /key|secret|token|connection|storage/i.test(name);

const findConflict = ({ schema, environment }: Context, name: string): string | undefined => {
  const former = schema.entries[name]?.details.formerName;
  const [value, old] = [readVariable(environment, name), readVariable(environment, former)];
  return value !== undefined && old !== undefined && value !== old
    ? `${name} and ${former}, its former name, have different values. Remove ${former}.`
    : undefined;
};

const findUnresolved = ({ values }: Context, name: string): string | undefined => {
  const problem = findUnresolvedReference(values[name]);
  return problem === undefined ? undefined : `${name}: ${problem}`;
};

/** Returns what is wrong with a setting whose own value is valid, because of other variables. */
const findDependent = (context: Context, name: string): string[] => {
  const { schema, environment, values } = context;
  const text = values[name];
  const { checks = [] } = schema.entries[name]?.details ?? {};
  if (text !== undefined)
    return checks.flatMap((check) => {
      const expected = check(text, environment);
      return expected === undefined ? [] : [formatProblem(context, name, expected, text)];
    });
  const user = Object.keys(schema.entries).find((other) => listRequired(context, other).includes(name));
  if (user === undefined) return [];
  const { requires } = schema.entries[name]?.details ?? {};
  const remedy =
    Array.isArray(requires) && requires.includes(user) ? `. ${formatMutual(name, requires)}` : '';
  return [`${name}: expected a value, because ${user} requires it, received nothing${remedy}`];
};

/** Formats what to do about a setting that must be set together with others. */
const formatMutual = (name: string, others: readonly string[]): string =>
  others.length === 1
    ? 'Set both, or neither.'
    : `Set ${others.join(', ')} and ${name} together, or none of them.`;

/** Returns the settings that a setting requires, if it is set and has a known value. */
const listRequired = ({ schema, environment, values }: Context, name: string): readonly string[] => {
  const text = values[name];
  const { requires = [] } = schema.entries[name]?.details ?? {};
  if (text === undefined) return [];
  return typeof requires === 'function' ? requires(text, environment) : requires;
};

const warnOfFormerNames = ({ schema, environment }: Context, warn: (message: string) => void): void => {
  for (const [name, { details }] of Object.entries(schema.entries))
    if (readVariable(environment, details.formerName) !== undefined)
      warn(`${details.formerName} is now named ${name}. The next release ignores the former name.`);
};

/** Returns the schema of a variable with an integer in a range. */
export const integerSetting = (min: number, max: number) => {
  const expected = `expected an integer from ${min} to ${max}`;
  return v.pipe(
    v.string(expected),
    v.regex(/^\d{1,12}$/, expected),
    v.transform(Number),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
};
