// Drives the IdM server with openid-client, a certified relying party that Watchword's own client does not use: discovery, code
// flow with PKCE, refresh with a narrowed scope. Prints one JSON object; anything that does not hold is an exception.
import * as client from 'openid-client'

const { ISSUER, CLIENT_ID, REDIRECT_URI, SCOPE, NARROW_SCOPE, USER_NAME, PASSWORD } = process.env

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, undefined, client.None())
client.enableNonRepudiationChecks(config) // signatures of ID tokens are checked against the JWKS, not only the TLS connection

const codeVerifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
const authorizationUrl = client.buildAuthorizationUrl(config, {
  redirect_uri: REDIRECT_URI,
  scope: SCOPE,
  state,
  nonce,
  code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
  code_challenge_method: 'S256',
})

const callback = await logIn(authorizationUrl)
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: codeVerifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
})
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const narrowed = await client.refreshTokenGrant(config, refreshed.refresh_token, { scope: NARROW_SCOPE })

let reuse = 'accepted'
try {
  await client.refreshTokenGrant(config, tokens.refresh_token)
} catch (fault) {
  reuse = fault.error
}

console.log(JSON.stringify({
  issuer: config.serverMetadata().issuer,
  claims: tokens.claims(),
  scope: tokens.scope,
  refreshedScope: refreshed.scope,
  narrowedScope: narrowed.scope,
  narrowedToken: narrowed.access_token,
  reuse,
}))

// What a browser does for the user: fetches the form, fills it in, posts it, and stops at the redirect.
async function logIn(url) {
  const page = await fetch(url)
  if (page.status !== 200) throw new Error(`the form was answered with ${page.status}`)
  const html = await page.text()
  const fields = new URLSearchParams()
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    fields.append(decode(name), decode(value))
  }
  fields.append('username', USER_NAME)
  fields.append('password', PASSWORD)
  const action = new URL(decode(html.match(/<form method="post" action="([^"]*)"/)[1]), url)
  const cookie = page.headers.getSetCookie().map((entry) => entry.split(';')[0]).join('; ')
  const answer = await fetch(action, { method: 'POST', body: fields, headers: { cookie }, redirect: 'manual' })
  if (answer.status !== 302) throw new Error(`the log-in was answered with ${answer.status}`)
  return new URL(answer.headers.get('location'))
}

function decode(text) {
  return text.replace(/&#x([0-9A-F]+);/gi, (_, digits) => String.fromCodePoint(parseInt(digits, 16)))
    .replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
