package authtoken

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Account is how the service itself logs in at Keystone: the options of keystoneauth's plugins.
type Account struct {
	// Type is auth_type; empty is none.
	Type string
	// URL is auth_url.
	URL string

	UserID, Username             string
	UserDomainID, UserDomainName string
	Password                     string

	ProjectID, ProjectName             string
	ProjectDomainID, ProjectDomainName string
	DomainID, DomainName               string
	DefaultDomainID, DefaultDomainName string
	SystemScope, TrustID               string

	// Token is that of the types token, v3token and admin_token, Endpoint where admin_token uses it.
	Token, Endpoint string

	CredentialID, CredentialName, CredentialSecret string
}

// accountTypes are the values of auth_type that are built. v2password logs in by the API v3, too, in the domain where v2.0
// has its users: Keystone itself has not had v2.0 since 2018.
func accountTypes() []string {
	return []string{"password", "v3password", "v2password", "token", "v3token", "v3applicationcredential", "admin_token"}
}

// Check says what is wrong with an account; the options are named as "[section] option".
func (a *Account) Check(section string) error {
	if a.Type == "" {
		return nil
	}
	option := func(name string) string { return "[" + section + "] " + name }
	if !slices.Contains(accountTypes(), a.Type) {
		return fmt.Errorf("%s: %q is not built in (known: %s)", option("auth_type"), a.Type, strings.Join(accountTypes(), ", "))
	}
	needs := func(what string) error {
		return fmt.Errorf("%s = %s needs %s, which is not set", option("auth_type"), a.Type, what)
	}
	if a.Type == "admin_token" {
		if a.Endpoint == "" || a.Token == "" {
			return needs("endpoint and token")
		}
		return checkURL(option("endpoint"), a.Endpoint)
	}
	if a.URL == "" {
		return needs("auth_url")
	}
	return errors.Join(checkURL(option("auth_url"), a.URL), a.checkUser(needs), a.checkScope(option))
}

func (a *Account) checkUser(needs func(string) error) error {
	switch a.Type {
	case "v3password":
		if a.Username != "" && a.UserID == "" && a.UserDomainID == "" && a.UserDomainName == "" {
			return needs("user_domain_id or user_domain_name beside username")
		}
	case "v3applicationcredential":
		if a.CredentialSecret == "" {
			return needs("application_credential_secret")
		}
		if a.CredentialID == "" && (a.CredentialName == "" || a.UserID == "" && a.Username == "") {
			return needs("application_credential_id, or application_credential_name and a user")
		}
		return nil
	}
	if strings.HasPrefix(a.Type, "v3") && a.ProjectName != "" && a.ProjectID == "" && a.ProjectDomainID == "" && a.ProjectDomainName == "" {
		return needs("project_domain_id or project_domain_name beside project_name")
	}
	return nil
}

func (a *Account) checkScope(option func(string) string) error {
	var scopes []string
	for _, s := range []struct{ name, value string }{
		{"project", a.ProjectID + a.ProjectName}, {"domain", a.DomainID + a.DomainName}, {"trust", a.TrustID}, {"system", a.SystemScope},
	} {
		if s.value != "" {
			scopes = append(scopes, s.name)
		}
	}
	if len(scopes) > 1 && a.Type != "v3applicationcredential" {
		return fmt.Errorf("%s: a token has one scope, and the options are for %s", option("auth_type"), strings.Join(scopes, " and "))
	}
	return nil
}

// Missing names an option without which Keystone will refuse the account, empty for none. The original finds out when the first
// token is to be checked.
func (a *Account) Missing() string {
	switch {
	case a.Type == "":
		return "auth_type"
	case strings.HasSuffix(a.Type, "password") && a.Username == "" && a.UserID == "":
		return "username"
	case strings.HasSuffix(a.Type, "password") && a.Password == "":
		return "password"
	case strings.HasSuffix(a.Type, "token") && a.Token == "":
		return "token"
	}
	return ""
}

func checkURL(option, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil: // its text has the URL, and that may have a password
		return fmt.Errorf("%s is no URL", option)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return fmt.Errorf("%s: %q is no URL of http or https", option, u.Redacted())
	}
	return nil
}

// The body of a request for a token.
type (
	object = map[string]any
)

// loginBody is the body of POST /v3/auth/tokens.
func (a *Account) loginBody() object {
	auth := object{"identity": a.method()}
	if scope := a.scope(); scope != nil {
		auth["scope"] = scope
	}
	return object{"auth": auth}
}

func (a *Account) method() object {
	switch a.Type {
	case "token", "v3token":
		return object{"methods": []string{"token"}, "token": object{"id": a.Token}}
	case "v3applicationcredential":
		credential := object{"secret": a.CredentialSecret}
		if a.CredentialID != "" {
			credential["id"] = a.CredentialID
		} else {
			credential["name"], credential["user"] = a.CredentialName, a.user()
		}
		return object{"methods": []string{"application_credential"}, "application_credential": credential}
	}
	user := a.user()
	user["password"] = a.Password
	return object{"methods": []string{"password"}, "password": object{"user": user}}
}

func (a *Account) user() object {
	if a.UserID != "" {
		return object{"id": a.UserID}
	}
	return withDomain(object{"name": a.Username}, a.domain(a.UserDomainID, a.UserDomainName))
}

// scope is what the token is to be for; nil leaves it to Keystone.
func (a *Account) scope() object {
	switch {
	case a.Type == "v3applicationcredential": // its project is that of the credential
		return nil
	case a.DomainID != "":
		return object{"domain": object{"id": a.DomainID}}
	case a.DomainName != "":
		return object{"domain": object{"name": a.DomainName}}
	case a.ProjectID != "":
		return object{"project": object{"id": a.ProjectID}}
	case a.ProjectName != "":
		return object{"project": withDomain(object{"name": a.ProjectName}, a.domain(a.ProjectDomainID, a.ProjectDomainName))}
	case a.TrustID != "":
		return object{"OS-TRUST:trust": object{"id": a.TrustID}}
	case a.SystemScope == "all":
		return object{"system": object{"all": true}}
	}
	return nil
}

// domain is that of a name: its own, or the default one; by id where there is one.
func (a *Account) domain(id, name string) object {
	if a.Type == "v2password" {
		return object{"id": "default"}
	}
	generic := !strings.HasPrefix(a.Type, "v3")
	if id == "" && generic {
		id = a.DefaultDomainID
	}
	if name == "" && generic {
		name = a.DefaultDomainName
	}
	switch {
	case id != "":
		return object{"id": id}
	case name != "":
		return object{"name": name}
	}
	return nil
}

func withDomain(o, domain object) object {
	if domain != nil {
		o["domain"] = domain
	}
	return o
}
