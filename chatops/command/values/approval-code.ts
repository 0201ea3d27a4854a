import type { CommandArguments } from '../command-arguments.ts';

/** Reads the first argument as the code of a request that waits; undefined if it is none, which `given` is told. */
export const parseApprovalCode = (given: CommandArguments): { code?: string } | undefined => {
  const [code] = given.positionals;
  if (!code) return {};
  if (/^[0-9A-Za-z]{10}$/.test(code.value)) return { code: code.value.toLowerCase() };
  given.addError(code, 'wrong-type', 'This is no code of a request', {
    expected: '10 letters and digits, as the reply to the request shows them',
    received: code.value,
  });
  return undefined;
};
