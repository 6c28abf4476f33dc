package authtoken

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// filter is what the requests of one filter share.
type filter struct {
	options  Options
	keystone keystone
	cache    *cache
	gate     *gate
	log      zerolog.Logger
	// challenge is the value of WWW-Authenticate.
	challenge []string
	// warned of a service's token without the role is said once.
	warned atomic.Bool
}

// New returns the filter. It asks nobody anything yet.
func New(o Options) (func(http.Handler) http.Handler, error) {
	f, err := newFilter(o)
	if err != nil {
		return nil, err
	}
	return f.wrap, nil
}

func newFilter(o Options) (*filter, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Waiting <= 0 {
		o.Waiting = waiting
	}
	if o.Timeout <= 0 {
		o.Timeout = callTimeout
	}
	transport, err := o.transport()
	if err != nil {
		return nil, err
	}
	at := o.WWWAuthenticateURI
	if at == "" {
		at = shown(o.Account.URL)
	}
	if at == "" { // as the original has it
		at = "None"
	}
	// Redirects are followed by caller.send.
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	f := &filter{options: o, cache: newCache(o.CacheTime), log: o.Log, challenge: []string{`Keystone uri="` + at + `"`}}
	f.gate = newGate(o.Waiting, o.Now)
	f.keystone.answered = f.gate.answered
	f.keystone.client, f.keystone.timeout, f.keystone.retries = client, o.Timeout, o.Retries
	f.keystone.account, f.keystone.face, f.keystone.region = o.Account, o.Interface, o.Region
	f.keystone.withCatalog, f.keystone.now = o.Catalog, o.Now
	return f, nil
}

func (f *filter) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		removeIdentity(r.Header)
		confirmed, err := f.check(r)
		switch {
		case err != nil:
			f.logger(r).Error().Err(err).Msg("Unable to validate token")
			unavailable.Send(w, r, "text/html")
		case !confirmed && !f.options.DelayDecision:
			f.logger(r).Info().Msg("Rejecting request")
			f.reject(w)
		default:
			next.ServeHTTP(&challenging{w, f.challenge}, r)
		}
	})
}

// check puts into a request what its tokens say, and answers whether they are good.
func (f *filter) check(r *http.Request) (bool, error) {
	serviceToken := value(r.Header, serviceTokenHeader)
	service, allowExpired, err := f.checkService(r, serviceToken)
	if err != nil {
		return false, err
	}
	user, err := f.checkUser(r, userToken(r.Header), service != nil, allowExpired)
	if err != nil {
		return false, err
	}
	var userFields, serviceFields []field
	if user != nil {
		userFields = user.user
	} else {
		userFields = nobodyUser()
	}
	switch {
	case service != nil:
		serviceFields = service.service
	case serviceToken != "":
		serviceFields = nobodyService()
	}
	r.Header = with(r.Header, userFields, serviceFields)
	return user != nil && (service != nil || serviceToken == ""), nil
}

// userToken is the token of the user. An empty X-Auth-Token is none, and no reason to look at the other header.
func userToken(h http.Header) string {
	if v, ok := h[userTokenHeader]; ok && len(v) > 0 {
		return v[0]
	}
	return value(h, storageTokenHeader)
}

// checkService answers whose a service's token is, nil for nobody's, and whether the service may use expired tokens of users.
func (f *filter) checkService(r *http.Request, token string) (*identity, bool, error) {
	i, err := f.identityOf(r, token, false)
	if i == nil || err != nil || !bound(f.options.Bind, i.bind) {
		return nil, false, err
	}
	role := slices.ContainsFunc(i.roles, func(name string) bool { return slices.Contains(f.options.ServiceRoles, name) })
	if !role && f.options.ServiceRolesRequired {
		return nil, false, nil
	}
	if !role && f.warned.CompareAndSwap(false, true) {
		f.logger(r).Warn().Msg("A token without one of service_token_roles was taken for a service's, which service_token_roles_required would forbid")
	}
	return i, role, nil
}

// checkUser answers whose a user's token is, nil for nobody's or for one that may not be used for this.
func (f *filter) checkUser(r *http.Request, token string, passed, allowExpired bool) (*identity, error) {
	i, err := f.identityOf(r, token, allowExpired)
	switch {
	case i == nil || err != nil:
		return nil, err
	case !i.rules.allow(r, f.options.ServiceType, passed):
		if f.options.ServiceType == "" {
			f.logger(r).Warn().Msg("Cannot validate request with restricted access rules. Set service_type in [keystone_authtoken] to allow access rule validation.")
		}
		return nil, nil
	case !passed && !bound(f.options.Bind, i.bind):
		return nil, nil
	}
	return i, nil
}

// identityOf answers whose a token is, nil for nobody's. Where the decision is left to others, a token that cannot be judged is
// nobody's.
func (f *filter) identityOf(r *http.Request, token string, allowExpired bool) (*identity, error) {
	token = strings.TrimSpace(token)
	if !sendable(token) {
		return nil, nil
	}
	i, err := f.identity(r.Context(), token, allowExpired)
	if err != nil && f.options.DelayDecision {
		f.logger(r).Error().Err(err).Msg("Unable to validate token; it counts as invalid")
		return nil, nil
	}
	return i, err
}

// identity asks the cache, or Keystone.
func (f *filter) identity(ctx context.Context, token string, allowExpired bool) (*identity, error) {
	k := keyOf(token, allowExpired)
	i, known := f.cache.get(k, f.options.Now())
	if !known {
		var err error
		if i, err = f.fetch(ctx, k, token); err != nil {
			return nil, err
		}
	}
	if i == nil || !allowExpired && i.expired(f.options.Now()) {
		return nil, nil
	}
	return i, nil
}

// sendable tells whether a token can be a header of a call to Keystone.
func sendable(token string) bool {
	return token != "" && strings.IndexFunc(token, func(c rune) bool { return c < ' ' || c == 0x7f }) < 0
}

// fetch asks Keystone, once for all who want to know. The question outlives the client who was the first, because the others
// want to know, too.
func (f *filter) fetch(ctx context.Context, k key, token string) (*identity, error) {
	if err := f.gate.enter(ctx); err != nil {
		return nil, err
	}
	defer f.gate.leave()
	return f.keystone.identityCalls.do(ctx, k, func() (*identity, error) {
		if i, known := f.cache.get(k, f.options.Now()); known { // somebody was faster
			return i, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), validationTimeout)
		defer cancel()
		i, err := f.keystone.identify(ctx, token, k.expired)
		if err != nil && !errors.Is(err, errUnknown) {
			return nil, err
		}
		f.cache.put(k, i, f.options.Now())
		return i, nil
	})
}

// logger is the log with the request's id.
func (f *filter) logger(r *http.Request) *zerolog.Logger {
	l := f.log
	if rc := neutron.FromContext(r.Context()); rc != nil && rc.RequestID != "" {
		l = l.With().Str("request_id", rc.RequestID).Logger()
	}
	return &l
}

// unavailable is WebOb's HTTPServiceUnavailable with auth_token's text.
var unavailable = wire.Page{Status: http.StatusServiceUnavailable, Title: "Service Unavailable",
	Explanation: "The server is currently unavailable. Please try again at a later time.",
	Detail:      "The Keystone service is temporarily unavailable."}

// unauthorized is the answer to whoever has no valid token.
const unauthorized = `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`

func (f *filter) reject(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	h["Content-Length"] = []string{strconv.Itoa(len(unauthorized))}
	h["Www-Authenticate"] = f.challenge[:1:1]
	w.WriteHeader(http.StatusUnauthorized)
	_, _ = w.Write([]byte(unauthorized)) // the client has gone: nobody is left to tell
}

// challenging is an answer that, when it is 401, says where to get a token.
type challenging struct {
	http.ResponseWriter
	challenge []string
}

// WriteHeader adds the header.
func (c *challenging) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		h := c.Header()
		h["Www-Authenticate"] = append(h["Www-Authenticate"], c.challenge...)
	}
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *challenging) Unwrap() http.ResponseWriter { return c.ResponseWriter }
