/** The two generations of the Nylas API: `v2` (accounts, sync engine; legacy) and `v3` (grants; current). */
export type ApiVersion = 'v2' | 'v3';
