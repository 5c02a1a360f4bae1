import { readFileSync } from 'node:fs';
import { didYouMean } from '@nylas-otel/node/options';
import { Ajv, type ErrorObject } from 'ajv';
import {
  type Document,
  isMap,
  isPair,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { errorInWords } from '../errors.ts';
import type { ConfigProblem } from './config-problem.ts';
import { configSchema, type JsonSchema } from './config-schema.ts';

/** A value of the file, and the line it stands on. */
export interface FileValue {
  readonly value: unknown;
  readonly where: string;
}

/** What a configuration file says: values by `section.name`, and what is wrong. */
export interface FileReading {
  readonly values: ReadonlyMap<string, FileValue>;
  readonly problems: readonly ConfigProblem[];
}

let validator: ReturnType<typeof makeValidator> | undefined;

function makeValidator() {
  const schema = configSchema();
  return { schema, validate: new Ajv({ allErrors: true, verbose: true, strict: false }).compile(schema) };
}

/** Reads a configuration file. Never throws: what cannot be used is a problem with line, key and fix. */
export function readConfigFile(path: string): FileReading {
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    const fix = 'Give the path of a readable YAML file, or leave --config out.';
    return failed({ where: path, key: '', problem: `cannot be read (${errorInWords(error)})`, fix });
  }
  return parseConfig(source, path);
}

/** Reads the text of a configuration file. */
export function parseConfig(source: string, path: string): FileReading {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined): string =>
    offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    return {
      values: new Map(),
      problems: document.errors.map(({ code, pos }) => ({
        where: at(pos[0]),
        key: keyAt(document, pos[0]),
        problem: `is no YAML here (${code.toLowerCase().replaceAll('_', ' ')})`,
        fix: 'Write "name: value", with two spaces before the names of a section.',
      })),
    };
  }
  const json: unknown = document.toJS() ?? {};
  validator ??= makeValidator();
  const { validate, schema } = validator;
  if (!validate(json)) {
    return { values: new Map(), problems: problemsOf(validate.errors ?? [], document, schema, at) };
  }
  const values = new Map<string, FileValue>();
  for (const [section, entries] of Object.entries(json as Record<string, Record<string, unknown>>)) {
    for (const [name, value] of Object.entries(entries)) {
      const where = at(offsetOf(document, [section, name], false));
      values.set(`${section}.${name}`, { value, where });
    }
  }
  return { values, problems: [] };
}

function failed(problem: ConfigProblem): FileReading {
  return { values: new Map(), problems: [problem] };
}

function problemsOf(
  errors: readonly ErrorObject[],
  document: Document,
  schema: JsonSchema,
  at: (offset: number | undefined) => string,
): ConfigProblem[] {
  const found = new Map<string, ConfigProblem>();
  for (const error of errors) {
    const path = error.instancePath.split('/').slice(1);
    if (error.keyword === 'additionalProperties') {
      const name = String(error.params.additionalProperty);
      const known = Object.keys(partOf(schema, path).properties as object);
      const key = [...path, name].join('.');
      found.set(key, {
        where: at(offsetOf(document, [...path, name], true)),
        key,
        problem: 'is not known',
        fix: `${didYouMean(name, known).trim()} Known here: ${known.join(', ')}.`.trim(),
      });
      continue;
    }
    const key = path.join('.');
    // One value may break several branches of the schema; what it may be is said once.
    if (found.has(key)) continue;
    found.set(key, {
      where: at(offsetOf(document, path, path.length === 1)),
      key,
      problem: typeProblem(error.data),
      fix: `Give ${expected(partOf(schema, path))}.`,
    });
  }
  return [...found.values()];
}

function partOf(schema: JsonSchema, path: readonly string[]): JsonSchema {
  let part = schema;
  for (const name of path) {
    const next = (part.properties as Record<string, JsonSchema> | undefined)?.[name] ?? part.items;
    if (next === undefined) return part;
    part = next as JsonSchema;
  }
  return part;
}

function expected(part: JsonSchema): string {
  const { type, properties, minimum, maximum, pattern, anyOf } = part;
  const values = part.enum as readonly unknown[] | undefined;
  if (properties !== undefined)
    return `a section with some of: ${Object.keys(properties as object).join(', ')}`;
  if (values !== undefined) return `one of ${values.map(String).join(', ')}`;
  if (anyOf !== undefined) return 'a port from 0 to 65535, or off';
  if (type === 'integer' || type === 'number')
    return `a ${type === 'integer' ? 'whole number' : 'number'} from ${String(minimum)} to ${String(maximum)}`;
  if (type === 'array') return 'a list of texts';
  if (pattern !== undefined) return 'an http(s) address';
  return type === 'boolean' ? 'true or false' : 'a text';
}

function typeProblem(data: unknown): string {
  if (data === null || data === '') return 'is empty';
  if (Array.isArray(data)) return 'is a list';
  if (typeof data === 'object') return 'is a section';
  return `is a ${typeof data === 'string' ? 'text' : typeof data} that cannot be used here`;
}

/** The key that stands at a place in the source, or last before it: of what a half-written file breaks off in. */
function keyAt(document: Document, offset: number): string {
  let found = '';
  visit(document, {
    Pair(_, pair, path) {
      const begin = (pair.key as Node | null)?.range?.[0];
      if (begin === undefined || begin > offset) return;
      const names = [...path, pair]
        .filter(isPair)
        .map(({ key }) => String((key as Scalar | null)?.value ?? ''));
      found = names.join('.');
    },
  });
  return found;
}

/** Where a value begins in the source; with `key`, where its name does. */
function offsetOf(document: Document, path: readonly string[], key: boolean): number | undefined {
  const name = path.at(-1);
  const parent: unknown = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(parent)) {
    const pair = parent.items.find((item) => String((item.key as { value?: unknown })?.value) === name);
    const node = (key ? pair?.key : (pair?.value ?? pair?.key)) as Node | undefined;
    return node?.range?.[0] ?? (pair?.key as Node | undefined)?.range?.[0];
  }
  return (parent as Node | undefined)?.range?.[0];
}
