import * as v from 'valibot';
import { parseJsonPreservingDigits } from '../../contracts/json-digits.ts';
import { namePattern } from '../../contracts/names.ts';
import {
  commandInputs,
  inputDefaults,
  readInputText,
  secretInputs,
  type ActionInputName,
} from './input-definitions.ts';
import { InputError } from './input-error.ts';
import { describeInsecureAddress } from './secure-address.ts';

export { InputError };

const flag = v.pipe(
  v.picklist(['true', 'false'], '"true" or "false"'),
  v.transform((text) => text === 'true'),
);

const integer = (min: number, max: number) => {
  const expected = `an integer from ${min} to ${max}`;
  return v.pipe(
    v.string(expected),
    v.regex(/^\d{1,9}$/, expected),
    v.transform(Number),
    v.check((n) => n >= min && n <= max, expected),
  );
};

const minutesExpected = 'minutes from 0.01 to 4320';
const minutes = v.pipe(
  v.string(minutesExpected),
  v.regex(/^\d{1,4}(?:\.\d{1,3})?$/, minutesExpected),
  v.transform(Number),
  v.check((n) => n >= 0.01 && n <= 4_320, minutesExpected),
);

/** Matches parts that an address must not have: a user and password, or a query with a key. */
const addressExtras = /[?#@]/;

const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && !addressExtras.test(text);

/** A value that can be sent in a header. */
const credential = v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'only visible ASCII characters'));

const address = v.pipe(
  v.string('an address such as https://orchestrator.example.com'),
  v.check(isWebAddress, 'an address such as https://orchestrator.example.com'),
  v.transform((url) => url.replace(/\/+$/, '')),
);

const parametersExpected = 'a JSON object of strings, numbers, true and false';
/** Numbers are strings with their digits. */
const scalar = v.union([v.string(), v.boolean()], parametersExpected);

/** Names with a special meaning in JavaScript, which a schema would silently drop. */
const unsafeNames = ['__proto__', 'prototype', 'constructor'];

const isObject = (value: unknown): value is object =>
  typeof value === 'object' &&
  !Array.isArray(value) &&
  !unsafeNames.some((name) => Object.hasOwn(value ?? {}, name));

/** The object's values as strings; null, which `toJSON` returns for an input without a value, is dropped. */
const parameters = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parseJsonPreservingDigits(dataset.value);
    } catch {
      addIssue({ message: parametersExpected });
      return NEVER;
    }
  }),
  v.check(isObject, parametersExpected),
  v.nullable(v.record(v.string(), v.nullable(scalar), parametersExpected)),
  v.transform((values) =>
    Object.fromEntries(
      Object.entries(values ?? {}).flatMap(([name, value]) =>
        value === null ? [] : [[name, String(value)]],
      ),
    ),
  ),
);

const name = v.pipe(
  v.string(),
  v.regex(namePattern, 'a letter, then letters, digits, "_", "-" or ".", at most 63'),
);

const guidExpected = 'a GUID such as 00001111-aaaa-2222-bbbb-3333cccc4444';
const guid = v.pipe(
  v.string(guidExpected),
  v.regex(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i, guidExpected),
);

const ActionInputs = v.object({
  mode: v.picklist(['auto', 'sweep', 'validate'], '"auto", "sweep" or "validate"'),
  command: v.optional(v.string()),
  task: v.optional(name),
  compute: v.optional(integer(1, 10_000_000)),
  algorithm: v.optional(name),
  parameters,
  'orchestrator-url': v.optional(address),
  'orchestrator-key': v.optional(credential),
  audience: v.optional(v.string()),
  'azure-client-id': v.optional(guid),
  'azure-tenant-id': v.optional(guid),
  'github-token': v.optional(credential),
  'org-token': v.optional(credential),
  wait: flag,
  'timeout-minutes': minutes,
  'cancel-on-abort': flag,
  'reply-to': v.optional(integer(1, 999_999_999)),
  'idempotency-key': v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/, 'at most 200 visible ASCII characters'),
    ),
  ),
} satisfies Record<ActionInputName, v.GenericSchema>);

/** The validated inputs. An input without a value and a default is undefined. */
export type ActionInputs = v.InferOutput<typeof ActionInputs>;

/** Reads and validates the inputs. @throws InputError with all problems */
export const readInputs = (environment: NodeJS.ProcessEnv): ActionInputs => {
  const names = Object.keys(inputDefaults) as ActionInputName[];
  const texts = Object.fromEntries(names.map((name) => [name, readInputText(name, environment)]));
  const read = v.safeParse(ActionInputs, texts);
  if (!read.success) throw new InputError(read.issues.map((issue) => formatIssue(issue, texts)));
  const mistakes = [...checkCombinations(read.output), ...checkOrchestratorAddress(read.output, environment)];
  if (mistakes.length > 0) throw new InputError(mistakes);
  return read.output;
};

/** Returns the problems with the inputs of a sweep: it runs no command. */
const checkSweepInputs = (inputs: ActionInputs): string[] =>
  ([...commandInputs, 'reply-to'] as const)
    .filter((name) => inputs[name] !== undefined)
    .map(
      (name) =>
        `Input ${name}: expected no value with mode "sweep", received one. Remove it, or remove mode.`,
    );

/** Returns the problems with combinations of inputs. */
const checkCombinations = (inputs: ActionInputs): string[] => {
  if (inputs.mode === 'validate') return [];
  const commands = commandInputs.filter((name) => inputs[name] !== undefined);
  const mistakes: string[] = [];
  if (inputs.mode === 'sweep') mistakes.push(...checkSweepInputs(inputs));
  else if (commands.length > 1) {
    const received = commands.join(' and ');
    mistakes.push(
      `Inputs ${received}: expected one of command, task and compute, received ${received}. Remove all but one.`,
    );
  }
  if (inputs.algorithm !== undefined && inputs.compute === undefined)
    mistakes.push(
      'Input algorithm: expected only together with compute, received without it. Set compute, or remove algorithm.',
    );
  if (inputs['orchestrator-url'] === undefined)
    mistakes.push(
      'Input orchestrator-url: expected an address such as https://orchestrator.example.com, received nothing. Set it under "with" of this step.',
    );
  return [...mistakes, ...checkEntraInputs(inputs)];
};

/** Returns the problems with the inputs of an Entra application. With a key, they are ignored. */
const checkEntraInputs = (inputs: ActionInputs): string[] => {
  if (inputs['orchestrator-key'] !== undefined) return [];
  const names = ['azure-client-id', 'azure-tenant-id'] as const;
  const missing = names.filter((each) => inputs[each] === undefined);
  if (missing.length === names.length) return [];
  const mistakes = missing.map(
    (each) =>
      `Input ${each}: expected both ${names.join(' and ')}, received only the other. Set both, or remove both.`,
  );
  if (inputs.audience === undefined)
    mistakes.push(
      'Input audience: expected the orchestrator\'s application in Entra, such as api://00001111-aaaa-2222-bbbb-3333cccc4444, received nothing. Set it under "with" of this step.',
    );
  return mistakes;
};

const checkOrchestratorAddress = (inputs: ActionInputs, environment: NodeJS.ProcessEnv): string[] => {
  const url = inputs['orchestrator-url'];
  const mistake =
    url === undefined ? undefined : describeInsecureAddress('Input orchestrator-url', url, environment);
  return mistake === undefined ? [] : [mistake];
};

const formatIssue = (issue: v.BaseIssue<unknown>, texts: Record<string, string | undefined>): string => {
  const name = String(issue.path?.[0]?.key) as ActionInputName;
  const received = JSON.stringify(texts[name]?.slice(0, 200)) ?? 'nothing';
  const isSecret =
    (secretInputs as readonly string[]).includes(name) ||
    (name === 'orchestrator-url' && addressExtras.test(received));
  const shown = isSecret ? 'another value' : received;
  return `Input ${name}: expected ${issue.message}, received ${shown}. Set it under "with" of this step.`;
};
