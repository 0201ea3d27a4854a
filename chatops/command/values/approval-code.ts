import type { CommandArguments } from '../command-arguments.ts';

/** Parses the first argument as an approval code. If it is not one, adds an error and returns undefined. */
export const parseApprovalCode = (args: CommandArguments): { code?: string } | undefined => {
  const [code] = args.positionals;
  if (!code) return {};
  if (/^[0-9A-Za-z]{10}$/.test(code.value)) return { code: code.value.toLowerCase() };
  args.addError(code, 'wrong-type', '{received} is not an approval code', {
    expected: '10 letters and digits, as shown in the reply to the request',
    received: code.value,
  });
  return undefined;
};
