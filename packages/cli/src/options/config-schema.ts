import { OPTION_KEYS, OPTIONS } from './option-table.ts';

/** A JSON schema, or a part of one. */
export type JsonSchema = { readonly [key: string]: unknown };

/** The JSON schema (draft 7) of the configuration file, made from the table of options. */
export function configSchema(): JsonSchema {
  const sections: Record<string, Record<string, JsonSchema>> = {};
  for (const key of OPTION_KEYS) {
    const [section, name] = key.split('.') as [string, string];
    const { kind, secret, standard, description } = OPTIONS[key];
    sections[section] ??= {};
    const properties = sections[section];
    properties[name] = {
      ...kind.schema,
      description,
      ...(standard === undefined
        ? {}
        : { default: standard === false && 'anyOf' in kind.schema ? 'off' : standard }),
    };
    if (secret) {
      properties[`${name}_file`] = {
        type: 'string',
        minLength: 1,
        description: `Path of a file that holds ${section}.${name}.`,
      };
    }
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration of nylas-otel',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(
      Object.entries(sections).map(([section, properties]) => [
        section,
        { type: 'object', additionalProperties: false, properties },
      ]),
    ),
  };
}
