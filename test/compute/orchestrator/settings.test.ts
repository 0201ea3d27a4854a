import { expect, test } from '@jest/globals';
import { OrchestratorSettings } from '../../../compute/orchestrator/settings.ts';
import { readSettings } from '../../../runtime/settings.ts';

const required = {
  COXSWAIN_STORAGE: 'UseDevelopmentStorage=true',
  COXSWAIN_EVENTS: 'UseDevelopmentStorage=true',
  COXSWAIN_KEY: 'k'.repeat(24),
};

test('without a connection to the queue of events, the Functions app does not start, and says what to set', () => {
  const { COXSWAIN_EVENTS: _, ...others } = required;
  expect(() => readSettings(OrchestratorSettings, others)).toThrow(
    'COXSWAIN_EVENTS: expected the connection string of the storage account with the queue "events" (usually the value of COXSWAIN_STORAGE), received nothing',
  );
});

test.each(['INPUTS', 'BLOCKS', 'SECONDS', 'INPUT_BYTES'])(
  'the bound of %s is read under both names',
  (bound) => {
    const warnings: string[] = [];
    const read = (name: string) =>
      readSettings(
        OrchestratorSettings,
        { ...required, [name]: '7' },
        { warn: (message) => warnings.push(message) },
      );
    expect(read(`COXSWAIN_MAX_${bound}`)).toMatchObject({ [`COXSWAIN_MAX_${bound}`]: 7 });
    expect(warnings).toEqual([]);
    expect(read(`COXSWAIN_MOST_${bound}`)).toMatchObject({ [`COXSWAIN_MAX_${bound}`]: 7 });
    expect(warnings).toEqual([expect.stringContaining(`COXSWAIN_MAX_${bound}`)]);
  },
);

test.each([
  ['URL', 'KEY', 'https://launcher.example'],
  ['KEY', 'URL', 'a key'],
])('a launcher’s %s requires its %s', (given, missing, value) => {
  const read = () =>
    readSettings(OrchestratorSettings, { ...required, [`COXSWAIN_LAUNCHER_${given}`]: value });
  expect(read).toThrow(
    `COXSWAIN_LAUNCHER_${missing}: expected a value, because COXSWAIN_LAUNCHER_${given} requires it, received nothing. Set both, or neither.`,
  );
});
