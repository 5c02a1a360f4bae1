/** What a TLS listener needs, and the authority a client must trust. PEM texts. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** Makes an authority and a certificate for `localhost`, the loopback addresses and `host`, good for a week. */
export async function makeCertificate(host: string): Promise<Certificate> {
  // Loaded on demand: only TLS users pay for the certificate library.
  const { generate } = await import('selfsigned');
  const common = {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    notAfterDate: new Date(Date.now() + 7 * 86_400_000),
  } as const;
  const authority = await generate([{ name: 'commonName', value: 'nylas-otel simulator CA' }], {
    ...common,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const isAddress = /^[\d.]+$|:/.test(host);
  const names = isAddress ? [] : [{ type: 2 as const, value: host }];
  const addresses =
    isAddress && host !== '127.0.0.1' && host !== '::1' ? [{ type: 7 as const, ip: host }] : [];
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    ...common,
    ca: { key: authority.private, cert: authority.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
          ...names,
          ...addresses,
        ],
      },
    ],
  });
  return { key: leaf.private, cert: leaf.cert, ca: authority.cert };
}
