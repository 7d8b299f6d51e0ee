import { fill, patternOf, withSamples } from '../../src/contract/placeholders.ts';
import { readTranscripts } from '../support/transcripts.ts';

const used = readTranscripts().flatMap(({ exchanges }) =>
  exchanges.flatMap(
    ({ expected }) => [expected.body, ...Object.values(expected.headers)].join('\n').match(/<[\w:]+>/g) ?? [],
  ),
);
const kinds = [...new Set(used.map((text) => `<${text.slice(1, -1).split(':').at(-1)}>`))];

describe('a placeholder', () => {
  it.each(kinds)('%s has samples of its kind', (text) => {
    const kept = new Map<string, string>();
    for (let nth = 0; nth < 20; nth++) {
      const sample = withSamples(text, kept);
      expect(sample).not.toBe(text);
      expect(sample).toMatch(patternOf(text).pattern);
    }
  });

  it('with a name is kept, and another one of its kind differs', () => {
    const kept = new Map<string, string>();
    const one = withSamples('/labels/<label:integer>', kept);
    expect(one).toBe(`/labels/${kept.get('label')}`);
    expect(withSamples('/labels/<other:integer>', kept)).not.toBe(one);
    expect(withSamples('/labels/{{label}}', kept)).toBe(one);
    expect(fill('{{label}} {{unknown}}', kept)).toBe(`${kept.get('label')} {{unknown}}`);
  });

  it('stands within other text, which stands for itself', () => {
    const { pattern, names } = patternOf('a.b <x:integer> <colour> <time>');
    expect(names).toEqual(['x', undefined]);
    expect(pattern.exec('a.b 12 <colour> 2022-06-01T12:00:00.000Z')?.[1]).toBe('12');
    expect('aXb 12 <colour> 2022-06-01T12:00:00.000Z').not.toMatch(pattern);
  });
});
