/**
 * A publicly known key with a certificate for localhost and 127.0.0.1 that nobody issued, valid from 2020 until 2120: for
 * tests that speak TLS on this machine.
 */
export const LOCAL_KEY = [
  '-----BEGIN PRIVATE KEY-----',
  'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJ2zu9imQ1k/2ttms',
  'rRp0Y/VaIKTZOMvi7/YpD58j3UehRANCAATAYsq1ei/X+4qPn974MRPL1DULLh5c',
  'MKSlwxh7IFT+KFGE8n/now/AXsY5apYhMO1cDCbDStO6YX5s35bpAZXp',
  '-----END PRIVATE KEY-----',
].join('\n');

export const LOCAL_CERTIFICATE = [
  '-----BEGIN CERTIFICATE-----',
  'MIIBZTCCAQqgAwIBAgIBAjAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv',
  'c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM',
  'CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMBiyrV6L9f7io+f',
  '3vgxE8vUNQsuHlwwpKXDGHsgVP4oUYTyf+ejD8BexjlqliEw7VwMJsNK07phfmzf',
  'lukBlemjSzBJMAwGA1UdEwQFMAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/',
  'AAABMB0GA1UdDgQWBBSYPzL9oQfVWi5DYAvAScct9/+4pDAKBggqhkjOPQQDAgNJ',
  'ADBGAiEAlfnnRR7oAr6+RLkanjBXu9pTLsMtXQ4dlMQc3Zmy+UQCIQDh6xd/gdnU',
  'PjUX6lvxbDFvn8PNG2/UO1L+usbpH0DzeA==',
  '-----END CERTIFICATE-----',
].join('\n');
