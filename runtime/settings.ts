import * as v from 'valibot';
import { findAddressProblem, findStorageProblem } from './secure-address.ts';
import { registerSecret } from './secrets.ts';
import { UserFacingError } from './user-facing-error.ts';

/** A program was started with invalid settings. The message is for the person who set them. */
export class SettingsError extends UserFacingError {
  override name = 'SettingsError';
}

/** Marks a setting as a secret, see `getSecretNames`. It must be outermost: `secretSetting(v.optional(v.string()))`. */
export const secretSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ secret: true }));

/** Marks a setting as an address to which the program sends a credential, or whose answers it trusts; see `findAddressProblem`. */
export const addressSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ insecure: findAddressProblem }));

/** Marks a setting as a storage account; see `findStorageProblem`. */
export const storageSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ insecure: findStorageProblem }));

/**
 * Gives a setting a former name, which is read for one release, with a warning. If both variables are set, their values must be equal.
 * It must be outermost.
 */
export const renamedSetting = <const S extends v.GenericSchema>(formerName: string, schema: S) =>
  v.pipe(schema, v.metadata({ formerName }));

type SettingsSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** Returns the names of a program's secret settings. Their values must never be printed or be visible to foreign programs. */
export const getSecretNames = ({ entries }: Pick<SettingsSchema, 'entries'>): string[] =>
  Object.entries(entries).flatMap(([name, entry]) =>
    v.getMetadata(entry as v.GenericSchema)['secret'] === true ? [name] : [],
  );

/**
 * Reads a program's settings from its environment, with a schema of variables by name. An empty variable counts as missing. From now
 * on, secret values are masked in everything that the program prints.
 * @param warn receives a sentence for each variable that has its former name
 * @throws SettingsError with each invalid variable, what was expected and (unless it is a secret) what was received; or with each
 *   variable that has a different value under its former name
 */
export const readSettings = <const S extends SettingsSchema>(
  schema: S,
  environment: NodeJS.ProcessEnv = process.env,
  warn: (message: string) => void = () => {},
): v.InferOutput<S> => {
  const variables = findVariables(schema, environment, warn);
  // Every variable is named, if only as undefined: for a key that is missing, valibot would not use the schema's own words.
  const values = Object.fromEntries(
    Object.keys(schema.entries).map((name) => [name, readVariable(environment, variables[name] ?? name)]),
  );
  const secrets = getSecretNames(schema);
  for (const name of secrets) registerSecret(values[name]);
  const result = v.safeParse(schema, values);
  const formatProblem = (name: string, expected: string, input: unknown): string => {
    const isHidden = secrets.includes(name) || isSecretName(name);
    const received = input === undefined ? 'nothing' : isHidden ? 'another value' : JSON.stringify(input);
    return `${variables[name] ?? name}: expected ${expected}, received ${received}`;
  };
  const lines = result.success
    ? findInsecure(schema, values, environment).map(([name, expected]) =>
        formatProblem(name, expected, values[name]),
      )
    : result.issues.map((issue) =>
        formatProblem(
          v.getDotPath(issue) ?? 'environment',
          issue.message.replace(/^expected /, ''),
          issue.input,
        ),
      );
  if (result.success && lines.length === 0) {
    const output: Record<string, unknown> = result.output;
    // A schema may have changed the value, such as a one-line key with `\n` into several lines.
    for (const name of secrets) if (typeof output[name] === 'string') registerSecret(output[name]);
    return result.output;
  }
  throw createEnvironmentError(lines);
};

const createEnvironmentError = (lines: readonly string[]): SettingsError =>
  new SettingsError(
    `Some settings in the environment are missing or not valid.\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );

const readVariable = (environment: NodeJS.ProcessEnv, name: string): string | undefined =>
  environment[name] === '' ? undefined : environment[name];

/** Returns the variable of each setting that is read under its former name. */
const findVariables = (
  { entries }: SettingsSchema,
  environment: NodeJS.ProcessEnv,
  warn: (message: string) => void,
): Partial<Record<string, string>> => {
  const renamed = Object.entries(entries).flatMap(([name, entry]): [name: string, formerName: string][] => {
    const { formerName } = v.getMetadata(entry) as { formerName?: string };
    return formerName === undefined || readVariable(environment, formerName) === undefined
      ? []
      : [[name, formerName]];
  });
  const conflicts = renamed.filter(([name, formerName]) => {
    const value = readVariable(environment, name);
    return value !== undefined && value !== readVariable(environment, formerName);
  });
  if (conflicts.length > 0)
    throw createEnvironmentError(
      conflicts.map(
        ([name, formerName]) =>
          `${name} and ${formerName}, its former name, have different values. Remove ${formerName}.`,
      ),
    );
  for (const [name, formerName] of renamed)
    warn(`${formerName} is now named ${name}. The next release ignores the former name.`);
  return Object.fromEntries(renamed.filter(([name]) => readVariable(environment, name) === undefined));
};

/** Returns the settings whose addresses must not receive credentials, each with what was expected. */
const findInsecure = (
  { entries }: SettingsSchema,
  values: Record<string, string | undefined>,
  environment: NodeJS.ProcessEnv,
): [name: string, expected: string][] =>
  Object.entries(entries).flatMap(([name, entry]) => {
    const { insecure } = v.getMetadata(entry) as { insecure?: typeof findAddressProblem };
    const text = values[name];
    const expected = text === undefined ? undefined : insecure?.(text, environment);
    return expected === undefined ? [] : [[name, expected]];
  });

const isSecretName = (name: string): boolean => /key|secret|token|connection|storage/i.test(name);

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
