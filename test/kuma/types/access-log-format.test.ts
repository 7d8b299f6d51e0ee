import { faultOfFormat } from '../../../src/kuma/access-log-format.ts';

const OF_HEADER = (name: string) =>
  `command "%${name}(X?Y):Z%" requires a header and optional alternative header names as its arguments, instead got`;
const OF_METADATA =
  'command "%DYNAMIC_METADATA(NAMESPACE:KEY*):Z%" ' +
  'requires a filter namespace and optional path as its arguments, instead got';
const OF_STATE = 'command "%FILTER_STATE(KEY):Z%" requires a key as its argument, instead got';
const NO_ARGUMENTS = "doesn't support arguments or max length constraint, instead got";

describe('the format of an access log', () => {
  it.each([
    '',
    'plain text, (with) all: sorts of $igns',
    '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE%',
    '%START_TIME(%Y/%m/%dT%H:%M:%S%z %s)% %START_TIME():5%',
    '%RESP(content-type?SERVER):10%%TRAILER()%',
    '%DYNAMIC_METADATA()% %DYNAMIC_METADATA(com.test.my_filter:test_object:inner_key):10%',
    '%FILTER_STATE(filter.state.key):10%',
    '%KUMA_SOURCE_SERVICE%\n%UNKNOWN_2%',
    '%REQ(a):00000000000000000000009223372036854775807%',
  ])('may be %j', (format) => {
    expect(faultOfFormat(format)).toBeUndefined();
  });

  it.each([
    ['text with % character', 'expected a command operator to start at position 11, instead got: "% character"'],
    ['%START_TIME(%', 'expected a command operator to start at position 1, instead got: "%START_TIME(%"'],
    ['%START_TIME% %sent_bytes%', 'expected a command operator to start at position 14, instead got: "%sent_bytes%"'],
    ['é\n%\t', 'expected a command operator to start at position 4, instead got: "%\\t"'],
    ['%BYTES_RECEIVED()%', `command "%BYTES_RECEIVED%" ${NO_ARGUMENTS} "%BYTES_RECEIVED()%"`],
    ['%PROTOCOL(a)%', `command "%PROTOCOL%" ${NO_ARGUMENTS} "%PROTOCOL(a)%"`],
    ['%PROTOCOL:5%', `command "%PROTOCOL%" ${NO_ARGUMENTS} "%PROTOCOL:5%"`],
    ['%REQ%', `${OF_HEADER('REQ')} "%REQ%"`],
    ['%RESP:10%', `${OF_HEADER('RESP')} "%RESP:10%"`],
    ['%TRAILER%', `${OF_HEADER('TRAILER')} "%TRAILER%"`],
    ['%REQ(a?b?c):10%', 'more than 1 alternative header specified in "%REQ(a?b?c):10%"'],
    ['%RESP(a?b\n)%', 'header name contains a newline in "%RESP(a?b\\n)%"'],
    ['%REQ(a\0)%', 'header name contains a newline in "%REQ(a\\x00)%"'],
    ['%DYNAMIC_METADATA%', `${OF_METADATA} "%DYNAMIC_METADATA%"`],
    ['%DYNAMIC_METADATA:10%', `${OF_METADATA} "%DYNAMIC_METADATA:10%"`],
    ['%FILTER_STATE%', `${OF_STATE} "%FILTER_STATE%"`],
    ['%FILTER_STATE():10%', `${OF_STATE} "%FILTER_STATE():10%"`],
    ['%START_TIME(%n)%', 'start time format string contains a newline in "%START_TIME(%n)%"'],
    ['%START_TIME(%-_0^#123n)%', 'start time format string contains a newline in "%START_TIME(%-_0^#123n)%"'],
    [
      '%REQ(a):9223372036854775808%',
      'length must be an integer, instead got "9223372036854775808" in "%REQ(a):9223372036854775808%"',
    ],
  ])('may not be %j', (format, fault) => {
    expect(faultOfFormat(format)).toBe(`format string is not valid: ${fault}`);
  });
});
