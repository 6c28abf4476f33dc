// Package filters has the built-ins that an api-paste.ini names as filters, and the healthcheck application: what wraps
// every request before it reaches the API.
//
// Each is a constructor from plain values to a Filter. Filters talk to each other only through the request: its headers,
// its URL, and the *neutron.Context that the application puts there before the first filter runs and that the filters
// fill. They keep no state between requests and may run concurrently.
package filters

import "net/http"

// Filter wraps an application.
type Filter func(http.Handler) http.Handler
