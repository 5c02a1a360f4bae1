import { describe } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import { FAULT_NAMES, type FaultRule } from './fault-rule.ts';

type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === 'string' && value !== '';
const isCount: Test = (value) => Number.isInteger(value) && (value as number) >= 0;
const inRange =
  (min: number, max: number): Test =>
  (value) =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
const isObject: Test = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const RULE_FIELDS: Readonly<Record<string, readonly [Test, string]>> = {
  fault: [(value) => (FAULT_NAMES as readonly unknown[]).includes(value), `one of ${FAULT_NAMES.join(', ')}`],
  route: [
    (value) => isText(value) && ((value as string).startsWith('/') || (value as string).startsWith('*')),
    'a template or pattern that begins with / or *, such as /v3/grants/{grant_id}/messages or /v3/**',
  ],
  method: [isText, 'an HTTP method'],
  grant: [isText, 'a grant id or address'],
  account: [isText, 'an account id or address'],
  times: [isCount, 'a whole number, 0 or more'],
  after: [isCount, 'a whole number, 0 or more'],
  probability: [(value) => typeof value === 'number' && value >= 0 && value <= 1, 'a number from 0 to 1'],
  options: [isObject, 'an object'],
};
const OPTION_FIELDS: Readonly<Record<string, readonly [Test, string]>> = {
  status: [inRange(200, 599), 'an HTTP status from 200 to 599'],
  retryAfter: [
    (value) => value === null || inRange(0, 31_536_000)(value) || isHeaderText(value),
    'whole seconds (at most a year), any header value as text, or null',
  ],
  message: [(value) => typeof value === 'string', 'a text'],
  type: [isText, 'a text'],
  providerError: [
    (value) => value === null || typeof value === 'string' || isObject(value),
    'an object, a text or null',
  ],
  ms: [inRange(0, 3_600_000), 'milliseconds, at most 3600000'],
  bytes: [inRange(0, 268_435_456), 'bytes, at most 268435456'],
};

/** A header value must not break the response: printable ASCII only. */
function isHeaderText(value: unknown): boolean {
  return typeof value === 'string' && /^[\x20-\x7e]+$/.test(value);
}

/**
 * Checks a rule from code or from the control interface.
 * @throws {SimulatorError} code `invalid_fault`, naming the field
 */
export function checkFaultRule(rule: unknown): FaultRule {
  if (!isObject(rule))
    throw new SimulatorError('invalid_fault', `a fault rule is an object, not ${describe(rule)}`);
  checkFields('', rule as Record<string, unknown>, RULE_FIELDS);
  const { fault, options } = rule as { fault?: unknown; options?: Record<string, unknown> };
  if (fault === undefined)
    throw new SimulatorError(
      'invalid_fault',
      `field fault is missing; give one of ${FAULT_NAMES.join(', ')}`,
    );
  if (options !== undefined) checkFields('options.', options, OPTION_FIELDS);
  return rule as unknown as FaultRule;
}

function checkFields(
  prefix: string,
  fields: Record<string, unknown>,
  tests: Readonly<Record<string, readonly [Test, string]>>,
): void {
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
    if (test === undefined) {
      const known = Object.keys(tests).join(', ');
      throw new SimulatorError(
        'invalid_fault',
        `unknown field ${prefix}${name.slice(0, 40)}; known are ${known}`,
      );
    }
    if (!test[0](value)) {
      throw new SimulatorError(
        'invalid_fault',
        `field ${prefix}${name} is ${describe(value)}; give ${test[1]}`,
      );
    }
  }
}
