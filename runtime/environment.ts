import * as v from 'valibot';

/** A program was started with settings it cannot use. Its message is for the person who set them. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

/** Marks a setting as a secret: see `secretNamesOf`. Goes around all else: `secretSetting(v.optional(v.string()))`. */
export const secretSetting = <const S extends v.GenericSchema>(schema: S) =>
  v.pipe(schema, v.metadata({ secret: true }));

type SettingsSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** Returns the names of a program's secret settings. A foreign program must find their values nowhere, nor may they be printed. */
export const secretNamesOf = ({ entries }: Pick<SettingsSchema, 'entries'>): string[] =>
  Object.entries(entries).flatMap(([name, entry]) =>
    v.getMetadata(entry as v.GenericSchema)['secret'] === true ? [name] : [],
  );

/**
 * Reads a program's settings from its environment: a schema over variables by name. An empty variable counts as absent.
 * @throws SettingsError that names each variable at fault, what was expected and (unless it is a secret) what came
 */
export const settingsFrom = <const S extends SettingsSchema>(
  schema: S,
  environment: NodeJS.ProcessEnv = process.env,
): v.InferOutput<S> => {
  // Every variable is named, if only as undefined: for a key that is missing, valibot would not use the schema's own words.
  const given = Object.fromEntries(
    Object.keys(schema.entries).map((name) => [
      name,
      environment[name] === '' ? undefined : environment[name],
    ]),
  );
  const result = v.safeParse(schema, given);
  if (result.success) return result.output;
  const secrets = secretNamesOf(schema);
  const lines = result.issues.map((issue) => {
    const name = v.getDotPath(issue) ?? 'environment';
    const expected = issue.message.replace(/^expected /, '');
    const received =
      issue.input === undefined
        ? 'nothing'
        : secrets.includes(name) || isSecret(name)
          ? 'another value'
          : JSON.stringify(issue.input);
    return `${name}: expected ${expected}, received ${received}`;
  });
  throw new SettingsError(`The environment is not right.\n${lines.map((line) => `  ${line}`).join('\n')}`);
};

const isSecret = (name: string): boolean => /key|secret|token|connection|storage/i.test(name);

/** A variable that holds an integer in a range. */
export const integerText = (from: number, to: number) =>
  v.pipe(
    v.string(`expected an integer from ${from} to ${to}`),
    v.regex(/^\d{1,12}$/, `expected an integer from ${from} to ${to}`),
    v.transform(Number),
    v.check((n) => n >= from && n <= to, `expected an integer from ${from} to ${to}`),
  );
