import { describe, expect, test } from '@jest/globals';
import { findValueUses } from '../../.ci/verify/chart/value-uses.ts';

/** The paths in the order of their use; `?`: only tested for being there. */
const listUses = (template: string): string[] =>
  findValueUses(template).map(({ path, whole }) => `${path.join('.')}${whole ? '' : '?'}`);

describe('uses of values in templates', () => {
  const cases: [title: string, template: string, uses: string[]][] = [
    ['a value', 'a: {{ .Values.worker.slots }}', ['worker.slots']],
    ['a value of the outermost context', '{{ $.Values.a.b }}{{ .root.Values.c }}', ['a.b', 'c']],
    ['a pipeline', '{{- .Values.a | default .Values.b | quote -}}', ['a', 'b']],
    ['arguments', '{{ printf "%s }} .Values.no" .Values.a (int .Values.b) }}', ['a', 'b']],
    ['a condition', '{{ if and .Values.a (not .Values.b.c) }}{{ end }}', ['a', 'b.c']],
    ['a test', '{{ if .Values.a }}{{ else if .Values.b }}{{ end }}', ['a?', 'b?']],
    ['the dot below "with"', '{{ with .Values.a }}{{ .b.c }}{{ . }}{{ end }}{{ .d }}', ['a?', 'a.b.c', 'a']],
    ['the dot below "else"', '{{ with .Values.a }}{{ else }}{{ .b }}{{ end }}', ['a?']],
    [
      'the dot below "else with"',
      '{{ with .Values.a }}{{ else with .Values.b }}{{ .c }}{{ end }}',
      ['a?', 'b?', 'b.c'],
    ],
    [
      '"if" below "with"',
      '{{ with .Values.a }}{{ if .b }}{{ .c }}{{ end }}{{ .d }}{{ end }}',
      ['a?', 'a.b?', 'a.c', 'a.d'],
    ],
    ['a list', '{{ range .Values.a }}{{ .name }}{{ end }}', ['a']],
    ['a variable', '{{ $x := .Values.a }}{{ $x.b }}{{ with $x }}{{ .c }}{{ end }}', ['a.b', 'a?', 'a.c']],
    ['a variable of "range"', '{{ $x := .Values.a }}{{ range $x := .Values.b }}{{ $x.c }}{{ end }}', ['b']],
    ['"index" with a constant', '{{ index .Values "a" "b" }}', ['a.b']],
    [
      '"index" with a variable',
      '{{ with index .root.Values .component "image" }}{{ . }}{{ end }}',
      ['*.image?', '*.image'],
    ],
    ['a field of a parenthesis', '{{ if (index $.Values $component).enabled }}{{ end }}', ['*.enabled?']],
    ['an argument of "include"', '{{ include "x" (dict "r" .Values.a) | nindent 4 }}', ['a']],
    [
      'a definition',
      '{{ with .Values.a }}{{ end }}{{ define "x" }}{{ .b }}{{ .Values.c }}{{ end }}',
      ['a?', 'c'],
    ],
    ['all values at once', '{{ toYaml .Values }}', ['']],
    ['comments and text', '{{/* .Values.a */}} .Values.b {{- /* {{ .Values.c }} */ -}}', []],
  ];
  for (const [title, template, uses] of cases) test(title, () => expect(listUses(template)).toEqual(uses));
});
