// An OpenID provider for the tests: npm's oidc-provider, with its own pages to sign in.
// Whoever signs in as NAME is NAME@acme.example, verified, in the groups that stand
// after a plus: "alma+staff+admins". A name that begins with "un" is not verified.

import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, clientId, secret, callback] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [{
    client_id: clientId, client_secret: secret, redirect_uris: [callback],
    grant_types: ["authorization_code"], response_types: ["code"],
  }],
  claims: { openid: ["sub", "groups"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  cookies: { keys: ["of the tests alone"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => {
      const [name, ...groups] = id.split("+");
      return {
        sub: id, email: `${name}@acme.example`, email_verified: !name.startsWith("un"),
        name: name[0].toUpperCase() + name.slice(1), groups,
      };
    },
  }),
});
createServer(provider.callback()).listen(Number(port), "127.0.0.1", () => {
  console.log("ready");
});
