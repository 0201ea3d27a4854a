import * as v from 'valibot';
import { findAddressProblem, findStorageProblem } from './secure-address.ts';
import { registerSecret } from './secrets.ts';
import { UserFacingError } from './user-facing-error.ts';

/** A program was started with settings it cannot use. Its message is for the person who set them. */
export class SettingsError extends UserFacingError {
  override name = 'SettingsError';
}

/** Marks a setting as a secret, see `secretNamesOf`. It must be outermost: `secretSetting(v.optional(v.string()))`. */
export const secretSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ secret: true }));

/** Marks a setting as an address to which the program sends a credential, or whose answers it trusts; see `insecureAddress`. */
export const addressSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ insecure: findAddressProblem }));

/** Marks a setting as a storage account; see `insecureStorage`. */
export const storageSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ insecure: findStorageProblem }));

type SettingsSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** Returns the names of a program's secret settings. Their values must never be printed or be visible to foreign programs. */
export const getSecretNames = ({ entries }: Pick<SettingsSchema, 'entries'>): string[] =>
  Object.entries(entries).flatMap(([name, entry]) =>
    v.getMetadata(entry as v.GenericSchema)['secret'] === true ? [name] : [],
  );

/**
 * Reads a program's settings from its environment, with a schema of variables by name. An empty variable counts as missing. From now
 * on, secret values are masked in everything that the program prints.
 * @throws SettingsError with each invalid variable, what was expected and (unless it is a secret) what was received
 */
export const readSettings = <const S extends SettingsSchema>(
  schema: S,
  environment: NodeJS.ProcessEnv = process.env,
): v.InferOutput<S> => {
  // Every variable is named, if only as undefined: for a key that is missing, valibot would not use the schema's own words.
  const values = Object.fromEntries(
    Object.keys(schema.entries).map((name) => [
      name,
      environment[name] === '' ? undefined : environment[name],
    ]),
  );
  const secrets = getSecretNames(schema);
  for (const name of secrets) registerSecret(values[name]);
  const result = v.safeParse(schema, values);
  const formatProblem = (name: string, expected: string, input: unknown): string => {
    const isHidden = secrets.includes(name) || isSecretName(name);
    const received = input === undefined ? 'nothing' : isHidden ? 'another value' : JSON.stringify(input);
    return `${name}: expected ${expected}, received ${received}`;
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
  throw new SettingsError(`The environment is not right.\n${lines.map((line) => `  ${line}`).join('\n')}`);
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

/** A variable that holds an integer in a range. */
export const integerSetting = (min: number, max: number) =>
  v.pipe(
    v.string(`expected an integer from ${min} to ${max}`),
    v.regex(/^\d{1,12}$/, `expected an integer from ${min} to ${max}`),
    v.transform(Number),
    v.check((n) => n >= min && n <= max, `expected an integer from ${min} to ${max}`),
  );
