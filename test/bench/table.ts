/** Rows as a Markdown table. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

const unless = (format: (value: number) => string) => (value: number | undefined) =>
  value === undefined || Number.isNaN(value) ? '–' : format(value);

/** `12,345` */
export const whole = unless((value) => Math.round(value).toLocaleString('en'));

/** `1.23` */
export const hundredths = unless((value) => value.toFixed(2));
