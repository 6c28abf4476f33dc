package authtoken

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// validationTimeout bounds all that one validation does: logging in, asking, and asking again.
	validationTimeout = 60 * time.Second
	// renewBefore is how long before its end the service's own token is renewed.
	renewBefore = 2 * time.Minute
)

// errUnknown is Keystone's word that there is no such token. Every other error means that there was no word.
var errUnknown = errors.New("keystone does not know the token")

// errRefused is Keystone's refusal of the service's own token or account.
var errRefused = errors.New("keystone refuses the service's own account")

// keystone asks Keystone. It is safe for concurrent use.
type keystone struct {
	caller
	account       Account
	face, region  string
	withCatalog   bool
	now           func() time.Time
	own           atomic.Pointer[ownToken]
	ownCalls      flights[struct{}, *ownToken]
	identityCalls flights[key, *identity]
}

// ownToken is the service's own token, and where its catalog says that Keystone is.
type ownToken struct {
	value   string
	expires time.Time // zero is never
	url     string    // ends in /v3
}

func (t *ownToken) lasts(now time.Time, spare time.Duration) bool {
	return t != nil && (t.expires.IsZero() || now.Add(spare).Before(t.expires))
}

// identify answers whose a token is: errUnknown when it is nobody's.
func (k *keystone) identify(ctx context.Context, token string, expired bool) (*identity, error) {
	own, err := k.ownToken(ctx)
	if err != nil {
		return nil, err
	}
	i, err := k.ask(ctx, own, token, expired)
	if !errors.Is(err, errRefused) {
		return i, err
	}
	k.own.CompareAndSwap(own, nil) // revoked, say: another one may do
	if own, err = k.ownToken(ctx); err != nil {
		return nil, err
	}
	return k.ask(ctx, own, token, expired)
}

// ask makes the call.
func (k *keystone) ask(ctx context.Context, own *ownToken, token string, expired bool) (*identity, error) {
	url := own.url + "/auth/tokens"
	switch {
	case !k.withCatalog && expired:
		url += "?nocatalog&allow_expired=1"
	case !k.withCatalog:
		url += "?nocatalog"
	case expired:
		url += "?allow_expired=1"
	}
	a, err := k.retry(ctx, http.MethodGet, url, http.Header{"X-Auth-Token": {own.value}, "X-Subject-Token": {token},
		"Openstack-Identity-Access-Rules": {"1"}})
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusNotFound:
		return nil, errUnknown
	case a.status == http.StatusUnauthorized:
		return nil, fmt.Errorf("validate a token: %w: %w", errRefused, a.failure())
	case a.status != http.StatusOK:
		return nil, fmt.Errorf("validate a token: %w", a.failure())
	}
	i, err := parseIdentity(a.body, k.withCatalog)
	if err != nil {
		return nil, fmt.Errorf("validate a token: %w", err)
	}
	return i, nil
}

// ownToken answers a token of the service's own that lasts for a while. While a new one cannot be had, the old one does as
// long as it is valid.
func (k *keystone) ownToken(ctx context.Context) (*ownToken, error) {
	old := k.own.Load()
	if old.lasts(k.now(), renewBefore) {
		return old, nil
	}
	t, err := k.ownCalls.do(ctx, struct{}{}, func() (*ownToken, error) {
		if t := k.own.Load(); t.lasts(k.now(), renewBefore) { // somebody was faster
			return t, nil
		}
		t, err := k.login(ctx)
		if err == nil {
			k.own.Store(t)
		}
		return t, err
	})
	if err != nil && old.lasts(k.now(), 0) {
		return old, nil
	}
	return t, err
}
