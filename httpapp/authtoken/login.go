package authtoken

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// login gets a token for the service's account.
func (k *keystone) login(ctx context.Context) (*ownToken, error) {
	switch {
	case k.account.Type == "":
		return nil, errors.New("there is no account to ask Keystone with: [keystone_authtoken] auth_type is not set")
	case k.account.Missing() != "":
		return nil, fmt.Errorf("there is no account to ask Keystone with: [keystone_authtoken] %s is not set", k.account.Missing())
	case k.account.Type == "admin_token":
		at, err := k.versioned(ctx, k.account.Endpoint)
		return &ownToken{value: k.account.Token, url: at}, err
	}
	at, err := k.loginURL(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(k.account.loginBody())
	if err != nil {
		return nil, err
	}
	a, err := k.send(ctx, http.MethodPost, at+"/auth/tokens", nil, body)
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusUnauthorized:
		return nil, fmt.Errorf("log in at Keystone: %w: %w", errRefused, a.failure())
	case a.status != http.StatusCreated && a.status != http.StatusOK:
		return nil, fmt.Errorf("log in at Keystone: %w", a.failure())
	}
	t, err := k.readToken(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("log in at Keystone: %w", err)
	}
	return t, nil
}

func (k *keystone) readToken(ctx context.Context, a *reply) (*ownToken, error) {
	parsed, expires, err := parseAnswer(a.body)
	if err != nil {
		return nil, err
	}
	value := a.header.Get("X-Subject-Token")
	if value == "" {
		return nil, errors.New("the answer has no X-Subject-Token")
	}
	at, err := parsed.Token.Catalog.identityURL(k.face, k.region)
	if err != nil {
		return nil, err
	}
	at, err = k.versioned(ctx, at)
	return &ownToken{value: value, expires: expires, url: at}, err
}

// loginURL is where to log in. The types for v3 only know it from auth_url; the others ask what there is at auth_url.
func (k *keystone) loginURL(ctx context.Context) (string, error) {
	base := strings.TrimRight(k.account.URL, "/")
	if strings.HasPrefix(k.account.Type, "v3") {
		if strings.HasSuffix(base, "v3") {
			return base, nil
		}
		return base + "/v3", nil
	}
	base = withoutV2(base)
	found, err := k.discover(ctx, base)
	if err == nil {
		return found, nil
	}
	if u, parseErr := url.Parse(base); parseErr == nil && strings.HasPrefix(strings.ToLower(u.Path), "/v3") {
		return base, nil
	}
	return "", err
}

// versioned is where the API v3 is at an endpoint of a catalog, which may have a version of its own, be it v2.0, or none.
func (k *keystone) versioned(ctx context.Context, at string) (string, error) {
	at = withoutV2(strings.TrimRight(at, "/"))
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		return "", errors.New("the endpoint of the identity service is no URL")
	}
	last := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if last == "v3" || strings.HasPrefix(last, "v3.") {
		return at, nil
	}
	if found, err := k.discover(ctx, at); err == nil {
		return found, nil
	}
	return at + "/v3", nil
}

func withoutV2(base string) string {
	return strings.TrimRight(strings.TrimSuffix(base, "/v2.0"), "/")
}

// discover asks which versions there are at a URL, and answers where v3 is.
func (k *keystone) discover(ctx context.Context, base string) (string, error) {
	if strings.Count(base, "/") == 2 { // as it would be asked for by a browser
		base += "/"
	}
	a, err := k.send(ctx, http.MethodGet, base, nil, nil)
	if err != nil {
		return "", fmt.Errorf("find the versions of Keystone: %w", err)
	}
	if a.status != http.StatusOK && a.status != http.StatusMultipleChoices {
		return "", fmt.Errorf("find the versions of Keystone: %w", a.failure())
	}
	versions, err := parseVersions(a.body)
	if err != nil {
		return "", fmt.Errorf("find the versions of Keystone at %s: %w", shown(base), err)
	}
	for _, v := range versions {
		if v.ID != "v3" && !strings.HasPrefix(v.ID, "v3.") {
			continue
		}
		for _, l := range v.Links {
			if u, err := resolve(base, l.Href); l.Rel == "self" && err == nil {
				return strings.TrimRight(u, "/"), nil
			}
		}
	}
	return "", fmt.Errorf("Keystone at %s has no API v3", shown(base))
}

func resolve(base, ref string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := b.Parse(ref)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("no URL of http or https")
	}
	return u.String(), nil
}

// shown is a URL for a text, without the password that may be in it.
func shown(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "its URL"
	}
	return u.Redacted()
}
