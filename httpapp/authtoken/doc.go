// Package authtoken is the filter auth_token: it asks Keystone who sends a request and tells the filters behind it by headers.
//
// What a client sends in the headers that say who somebody is never gets past it, in no spelling. A request with a valid
// token goes on with the identity of that token; one without gets 401 and where to get a token, or goes on marked Invalid
// where delay_auth_decision says so; and one that cannot be judged, because Keystone is away or does not make sense, gets 503.
//
// What Keystone said of a token is kept for token_cache_time, under the token's SHA-256, in at most maxEntries entries. As
// many requests as there are with the same new token make one question; no lock is held while Keystone is asked, and every
// question has an end. The service's own token is fetched when the first question needs it, renewed before it expires, and
// once more when Keystone refuses it, so that a server may start before Keystone does.
//
// No token and no secret is ever in a text that this package returns or logs. Nothing runs in the background, and nothing
// is global: two filters know nothing of each other.
package authtoken
