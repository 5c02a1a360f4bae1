/**
 * Codes of failures that are worth another try: the connection could not be made, or broke.
 */
export const TRANSIENT_CODES: readonly string[] = [
  // undici
  'UND_ERR_SOCKET',
  'UND_ERR_INFO',
  'UND_ERR_REQ_RETRY',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_PRX_CONN',
  'UND_ERR_PRX_TLS',
  'UND_ERR_SOCKS5',
  // the operating system and name resolution
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENOTCONN',
  'EADDRNOTAVAIL',
  'ENOBUFS',
  'EMFILE',
  'ENFILE',
  'EPROTO',
  // the HTTP parser: the answer was cut short
  'HPE_INVALID_EOF_STATE',
  'HPE_CLOSED_CONNECTION',
  'HTTPParserError', // undici's class: it leaves the code out for an answer that is no HTTP
  // Node streams and HTTP/2
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_SOCKET_CLOSED',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_SESSION_ERROR',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_STREAM_ERROR',
  // axios, and the class of browsers' failed fetches
  'ERR_NETWORK',
  'NetworkError',
];

/** Codes of failures that another try meets again: certificates, protocol, use of the client. */
export const LASTING_CODES: readonly string[] = [
  // undici
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_INVALID_ARG',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_MAX_ORIGINS_REACHED',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_BPL_MISSING_UPSTREAM',
  'UND_ERR_REDIRECT_MAX',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_RESPONSE',
  'UND_ERR_RESPONSE_STATUS_CODE',
  'UND_ERR_RES_EXCEEDED_MAX_SIZE',
  // the operating system
  'EACCES',
  'EPERM',
  // TLS
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  // the HTTP parser
  'HPE_HEADER_OVERFLOW',
  'HPE_INVALID_CHUNK_SIZE',
  'HPE_INVALID_CONSTANT',
  'HPE_INVALID_CONTENT_LENGTH',
  'HPE_INVALID_HEADER_TOKEN',
  'HPE_INVALID_STATUS',
  'HPE_INVALID_TRANSFER_ENCODING',
  'HPE_INVALID_VERSION',
  'HPE_UNEXPECTED_CONTENT_LENGTH',
  // Node and redirects (node-fetch says them in `type`)
  'ERR_INVALID_URL',
  'ERR_STREAM_DESTROYED',
  'max-redirect',
  'max-size',
  // classes, for errors without a code
  'FetchError',
  'TypeError',
];

/** Codes and names that mean the time was up: all are shown as `timeout`. */
export const TIMEOUT_CODES: readonly string[] = [
  'timeout',
  'ETIMEDOUT',
  'ESOCKETTIMEDOUT',
  'EAI_TIMEOUT',
  'ETIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  // node-fetch's `type`
  'body-timeout',
  'request-timeout',
];

/** Codes that mean the caller gave up. */
export const CANCELLED_CODES: readonly string[] = [
  'ABORT_ERR',
  'ERR_ABORTED',
  'ERR_CANCELED',
  'UND_ERR_ABORT',
  'UND_ERR_ABORTED',
];

/** The values of `error.type` for a request that got no answer: `timeout`, error codes, a few error classes. */
export const NETWORK_ERROR_TYPES: readonly string[] = ['timeout', ...TRANSIENT_CODES, ...LASTING_CODES];
