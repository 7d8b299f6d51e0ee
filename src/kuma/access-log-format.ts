import { quoted } from './causes.ts';

/** `%REQ(X?Y):10%`, taken apart. */
interface Operator {
  readonly text: string;
  readonly name: string;
  /** What stands in parentheses; undefined where there are none. */
  readonly args?: string;
  readonly limit?: string;
}

const OPERATOR = /^%([A-Z_0-9]+)(?:\(([^)]*)\))?(?::(\d+))?%/;
const LINE_BREAK = /[\0\r\n]/;
const LINE_BREAK_OF_TIMES = /%[-_0^#]*[1-9]*n/;
const LARGEST_LIMIT = '9223372036854775807';

/** What is wrong with the use of each operator that may have arguments; the others have none. */
const OPERATORS: Readonly<Record<string, (operator: Operator) => string | undefined>> = {
  REQ: ofHeader,
  RESP: ofHeader,
  TRAILER: ofHeader,
  DYNAMIC_METADATA: (operator) =>
    ofLimit(operator) ??
    (operator.args === undefined
      ? needs(operator, '(NAMESPACE:KEY*):Z', 'a filter namespace and optional path as its arguments')
      : undefined),
  FILTER_STATE: (operator) =>
    ofLimit(operator) ?? (operator.args ? undefined : needs(operator, '(KEY):Z', 'a key as its argument')),
  START_TIME: ({ text, args = '' }) =>
    LINE_BREAK_OF_TIMES.test(args) ? `start time format string contains a newline in ${quoted(text)}` : undefined,
};

/** What is wrong with the format of an access log, in the words of the original; undefined where nothing is. */
export function faultOfFormat(format: string): string | undefined {
  for (let at = format.indexOf('%'); at >= 0; ) {
    const tail = format.slice(at);
    const [text, name = '', args, limit] = OPERATOR.exec(tail) ?? [];
    const fault = text === undefined ? noOperator(format, at) : ofOperator({ text, name, args, limit });
    if (fault !== undefined) return `format string is not valid: ${fault}`;
    at = format.indexOf('%', at + (text?.length ?? 1));
  }
  return undefined;
}

/** The place is counted in bytes, from one. */
const noOperator = (format: string, at: number) =>
  `expected a command operator to start at position ${Buffer.byteLength(format.slice(0, at)) + 1}, ` +
  `instead got: ${quoted(format.slice(at))}`;

function ofOperator(operator: Operator): string | undefined {
  const { text, name } = operator;
  const rule = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
  if (rule) return rule(operator);
  const alone = `%${name}%`;
  return text === alone
    ? undefined
    : `command ${quoted(alone)} doesn't support arguments or max length constraint, instead got ${quoted(text)}`;
}

const needs = ({ name, text }: Operator, form: string, what: string) =>
  `command ${quoted(`%${name}${form}%`)} requires ${what}, instead got ${quoted(text)}`;

function ofLimit({ limit = '', text }: Operator): string | undefined {
  const digits = limit.replace(/^0+/, '').padStart(LARGEST_LIMIT.length, '0');
  const fits = digits.length === LARGEST_LIMIT.length && digits <= LARGEST_LIMIT;
  return fits ? undefined : `length must be an integer, instead got ${quoted(limit)} in ${quoted(text)}`;
}

function ofHeader(operator: Operator): string | undefined {
  const { args, text } = operator;
  if (args === undefined)
    return needs(operator, '(X?Y):Z', 'a header and optional alternative header names as its arguments');
  const tooLong = ofLimit(operator);
  if (tooLong !== undefined) return tooLong;
  if (args.split('?').length > 2) return `more than 1 alternative header specified in ${quoted(text)}`;
  return LINE_BREAK.test(args) ? `header name contains a newline in ${quoted(text)}` : undefined;
}
