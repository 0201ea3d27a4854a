import { maskSecrets } from '../../runtime/log.ts';

/** What was thrown, for people: its first line, at most 300 characters, without secrets. */
export const toErrorText = (thrown: unknown): string => {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return maskSecrets(text.split('\n')[0] ?? '').slice(0, 300);
};
