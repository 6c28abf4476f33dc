// Package httpapp is what is served: it turns a configuration and the description of an api-paste.ini into one
// http.Handler, with the domains, the API engine and the front controllers behind the filters that the file names.
//
// An App is built whole or not at all, is immutable, and starts nothing: building a second one beside it, for a reload, is
// always safe. It knows no actor; whoever runs it gives it requests from as many goroutines as it likes. A panic inside is
// answered with 500 and goes on to the caller (see filters.CatchErrors).
package httpapp
