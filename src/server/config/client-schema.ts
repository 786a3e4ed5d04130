import { z } from 'zod';
import { metadataProblem } from './client-metadata.ts';

/** A secret, or what names one; see secrets.ts. */
export const secret = z.union([
  z.string(),
  z.strictObject({ env: z.string().min(1) }),
  z.strictObject({ file: z.string().min(1) }),
]);

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'must be an origin such as https://app.example.com, without a path',
});

const fields = {
  client_id: z
    .string()
    .min(1)
    .describe('As in OpenID Connect Dynamic Client Registration, like all other fields'),
  client_secret: secret.optional(),
  firstParty: z.boolean().default(false).describe('An application of yours: nobody is asked for consent'),
  pkce: z
    .enum(['required', 'optional'])
    .default('required')
    .describe('optional: for a confidential client whose software has no PKCE (RFC 7636)'),
  introspect: z
    .enum(['own', 'all'])
    .default('own')
    .describe('all: a resource server, which may ask about tokens of every client (RFC 7662)'),
  origins: z
    .array(origin)
    .default([])
    .describe(
      'Web origins whose scripts may call the token endpoint; those of redirect_uris for a public client',
    ),
  sekisho: z.unknown().optional().describe('Policy of this client: mfa, minimum, alwaysAsk, acr'),
};
/** Fields of a client that are ours, and no metadata of OpenID Connect. */
const OWN_FIELDS = ['firstParty', 'pkce', 'introspect', 'origins', 'sekisho'] as const;

/** A relying party: its metadata, and what this server lets it do. */
export const clientSchema = z
  .looseObject(fields)
  .superRefine((client, context) => {
    const refuse = (path: string, message: string, fix: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { fix } });
    for (const [name, value] of Object.entries(client)) {
      const wrong = name in fields ? undefined : metadataProblem(name, value, OWN_FIELDS);
      if (wrong) refuse(name, wrong.reason, wrong.fix);
    }
    const isPublic = client['token_endpoint_auth_method'] === 'none';
    const isNative = client['application_type'] === 'native';
    if (client.pkce === 'optional' && (isPublic || isNative))
      refuse(
        'pkce',
        'is optional, but a public or native client has nothing else that protects its codes (RFC 9700 section 2.1.1)',
        'Remove it: every such client needs PKCE',
      );
    if (client.introspect === 'all' && isPublic)
      refuse(
        'introspect',
        'is all, but a public client proves nothing',
        'Give it a client_secret, or remove it',
      );
  })
  .describe('A relying party: its OpenID Connect metadata, and our policy for it');
