package httpapp

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp/authtoken"
	"github.com/seed-a8f20362/hadron/httpapp/filters"
)

// authToken makes the filter that asks Keystone who sends a request. What is wrong with its options is found here; that
// Keystone is away, or does not take the account, is found when the first token comes.
func (b *builder) authToken(n *paste.Filter) filters.Filter {
	t := &tokenSettings{builder: b, part: &n.Part, section: tokenSection, log: b.options.Logger("keystonemiddleware.auth_token"), places: map[string]paste.Pos{}}
	o := t.options()
	t.warn(&o)
	t.unknown()
	f, err := authtoken.New(o)
	if err = errors.Join(err, o.Account.Check(t.section)); err != nil {
		t.locate(err)
		return nil
	}
	return f
}

const tokenSection = "keystone_authtoken"

// tokenSettings reads the options of auth_token: keys of the filter's own section and of the paste file's [DEFAULT] go before
// [keystone_authtoken].
type tokenSettings struct {
	*builder
	part *paste.Part
	// section is where the options of the account are.
	section string
	log     zerolog.Logger
	// places are those of the keys that the paste file has had, by the name of the option.
	places map[string]paste.Pos
}

func (t *tokenSettings) options() authtoken.Options {
	o := authtoken.Options{
		WWWAuthenticateURI: t.text(conf.AuthTokenWWWAuthenticateURI), DelayDecision: t.boolean(conf.AuthTokenDelayAuthDecision),
		Bind:         t.text(conf.AuthTokenEnforceTokenBind),
		ServiceRoles: t.list(conf.AuthTokenServiceTokenRoles), ServiceRolesRequired: t.boolean(conf.AuthTokenServiceTokenRolesRequired),
		ServiceType: t.text(conf.AuthTokenServiceType), Catalog: t.boolean(conf.AuthTokenIncludeServiceCatalog),
		CacheTime: t.seconds(conf.AuthTokenTokenCacheTime), Interface: t.text(conf.AuthTokenInterface), Region: t.text(conf.AuthTokenRegion),
		Timeout: t.seconds(conf.AuthTokenConnectTimeout), Retries: t.integer(conf.AuthTokenMaxRetries),
		TLS: authtoken.TLS{CA: t.file(conf.AuthTokenCAFile), Cert: t.file(conf.AuthTokenCertFile), Key: t.file(conf.AuthTokenKeyFile),
			Insecure: t.boolean(conf.AuthTokenInsecure)},
		Waiting: t.conf.Int(conf.WSGIDefaultPoolSize) * 3 / 4, // of the handlers of a worker
		Log:     t.log, Now: t.builder.options.Now,
	}
	if section := t.text(conf.AuthTokenAuthSection); section != "" {
		t.section = section
	}
	o.Account = t.account()
	return o
}

func (t *tokenSettings) account() authtoken.Account {
	a := authtoken.Account{
		Type: t.accountText(conf.AuthTokenAuthType), URL: t.accountText(conf.AuthTokenAuthURL),
		UserID: t.accountText(conf.AuthTokenUserID), Username: t.accountText(conf.AuthTokenUsername),
		UserDomainID: t.accountText(conf.AuthTokenUserDomainID), UserDomainName: t.accountText(conf.AuthTokenUserDomainName),
		Password:  t.accountText(conf.AuthTokenPassword),
		ProjectID: t.accountText(conf.AuthTokenProjectID), ProjectName: t.accountText(conf.AuthTokenProjectName),
		ProjectDomainID: t.accountText(conf.AuthTokenProjectDomainID), ProjectDomainName: t.accountText(conf.AuthTokenProjectDomainName),
		DomainID: t.accountText(conf.AuthTokenDomainID), DomainName: t.accountText(conf.AuthTokenDomainName),
		DefaultDomainID: t.accountText(conf.AuthTokenDefaultDomainID), DefaultDomainName: t.accountText(conf.AuthTokenDefaultDomainName),
		SystemScope: t.accountText(conf.AuthTokenSystemScope), TrustID: t.accountText(conf.AuthTokenTrustID),
		Token: t.accountText(conf.AuthTokenToken), Endpoint: t.accountText(conf.AuthTokenEndpoint),
		CredentialID: t.accountText(conf.AuthTokenApplicationCredentialID), CredentialName: t.accountText(conf.AuthTokenApplicationCredentialName),
		CredentialSecret: t.accountText(conf.AuthTokenApplicationCredentialSecret),
	}
	if a.Type == "" {
		return t.formerAccount(a)
	}
	return a
}

// formerAccount is the account of the options that files of Newton may still have instead of auth_type. They were for the
// API v2.0, whose users are those of the domain default.
func (t *tokenSettings) formerAccount(a authtoken.Account) authtoken.Account {
	token, user := t.text(conf.AuthTokenAdminToken), t.text(conf.AuthTokenAdminUser)
	if token == "" && user == "" {
		return a
	}
	at := t.text(conf.AuthTokenIdentityURI)
	if at == "" {
		at = fmt.Sprintf("%s://%s:%d/%s", t.text(conf.AuthTokenAuthProtocol), t.text(conf.AuthTokenAuthHost), t.integer(conf.AuthTokenAuthPort),
			strings.Trim(t.text(conf.AuthTokenAuthAdminPrefix), "/"))
	}
	if token != "" {
		return authtoken.Account{Type: "admin_token", Endpoint: at, Token: token}
	}
	return authtoken.Account{Type: "v2password", URL: at, Username: user, Password: t.text(conf.AuthTokenAdminPassword),
		ProjectName: t.text(conf.AuthTokenAdminTenantName)}
}

// override is what the paste file says about an option.
func (t *tokenSettings) override(h conf.Handle) (paste.Setting, bool) {
	o := h.Option()
	for _, name := range append([]conf.Name{o.Place()}, o.Deprecated...) {
		if s, ok := local(t.part, name.Key); ok {
			t.places[name.Key] = s.Pos
			return s, true
		}
	}
	return paste.Setting{}, false
}

// setting reads an option whose value the paste file may have: there it has the same type.
func setting[T any](t *tokenSettings, h conf.Handle, otherwise T) T {
	s, ok := t.override(h)
	if !ok {
		return otherwise
	}
	o := h.Option()
	value, err := o.Type.Parse(s.Value)
	if err != nil {
		t.fail(s.Pos, t.part.Section, "%s: %v", o.Key(), err)
	}
	v, _ := value.(T)
	return v
}

func (t *tokenSettings) text(o conf.TextOption) string { return setting(t, o, t.conf.Text(o)) }

func (t *tokenSettings) boolean(o conf.BoolOption) bool { return setting(t, o, t.conf.Bool(o)) }

func (t *tokenSettings) integer(o conf.IntOption) int { return setting(t, o, t.conf.Int(o)) }

func (t *tokenSettings) list(o conf.ListOption) []string { return setting(t, o, t.conf.List(o)) }

func (t *tokenSettings) seconds(o conf.IntOption) time.Duration {
	return time.Duration(t.integer(o)) * time.Second
}

// accountText reads an option of the account.
func (t *tokenSettings) accountText(o conf.TextOption) string {
	if t.section == tokenSection {
		return t.text(o)
	}
	text, _ := t.conf.Elsewhere(t.section, o)
	return setting(t, o, text)
}

// file reads a file that an option names, nil for none.
func (t *tokenSettings) file(o conf.TextOption) []byte {
	path := t.text(o)
	if path == "" {
		return nil
	}
	data, err := t.conf.ReadFile(path)
	if err != nil {
		option := o.Option()
		t.locate(fmt.Errorf("[%s] %s: %w", tokenSection, option.Key(), err))
		return nil
	}
	return data
}

// settingNamed finds the options in the errors of package authtoken.
var settingNamed = regexp.MustCompile(`\[[^]]+\] (\w+)`)

// locate keeps an error with the place of the option that it names; without one, with that of the filter.
func (t *tokenSettings) locate(err error) {
	for _, name := range settingNamed.FindAllStringSubmatch(err.Error(), -1) {
		if at, ok := t.places[name[1]]; ok {
			t.fail(at, t.part.Section, "%v", err)
			return
		}
	}
	located := t.conf.Locate(err)
	if located.Error() == err.Error() && t.section != tokenSection {
		if _, at := t.conf.Elsewhere(t.section, conf.AuthTokenAuthType); at.Kind != conf.FromDefault {
			located = fmt.Errorf("%s: %w", at, err)
		}
	}
	if located.Error() == err.Error() {
		t.fail(t.part.Pos, t.part.Section, "%v", err)
		return
	}
	t.errs = append(t.errs, located)
}

// warn says what the original says when it starts, and what it finds out too late.
func (t *tokenSettings) warn(o *authtoken.Options) {
	if !o.ServiceRolesRequired {
		t.log.Warn().Msg("service_token_roles_required of [keystone_authtoken] is false: any valid token can be used as a service's, which bypasses access rules")
	}
	if o.WWWAuthenticateURI == "" {
		t.log.Warn().Msg("www_authenticate_uri of [keystone_authtoken] is not set: clients are sent to auth_url, which may not be for them")
	}
	if version := t.text(conf.AuthTokenAuthVersion); version != "" && !strings.HasPrefix(strings.TrimPrefix(version, "v"), "3") {
		t.log.Warn().Str("auth_version", version).Msg("tokens are validated by v3 of the identity API, whatever auth_version says")
	}
	if missing := o.Account.Missing(); missing != "" {
		t.log.Warn().Str("section", t.section).Str("option", missing).Msg("an option is not set without which Keystone cannot be asked: every request with a token will be answered with 503")
	}
}

// unknown warns of keys in the filter's section that are none of its options.
func (t *tokenSettings) unknown() {
	for _, key := range slices.Sorted(maps.Keys(t.part.Local)) {
		if strings.HasPrefix(key, "oslo_config_") || key == "log_name" {
			continue
		}
		if _, known := t.conf.Lookup(tokenSection, key); !known {
			at := t.part.Local[key].Pos
			t.log.Warn().Str("at", at.String()).Str("key", key).Msg("the key is not known to keystonemiddleware")
		}
	}
}
