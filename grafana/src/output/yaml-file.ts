import { stringify } from 'yaml';

/** Said at the top of every generated YAML file. */
const GENERATED = '# Generated from grafana/src by `npm run grafana`; edit there.\n';

/** YAML with long expressions as they were written, line by line. */
export function yamlFile(...documents: readonly unknown[]): string {
  const texts = documents.map((document) =>
    stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }),
  );
  return GENERATED + texts.join('---\n');
}
