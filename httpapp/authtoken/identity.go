package authtoken

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// identity is what Keystone has said of a token, ready to be put into requests. It never changes.
type identity struct {
	expires time.Time
	roles   []string
	// user and service are the headers of a request whose X-Auth-Token or X-Service-Token this is.
	user, service []field
	bind          map[string]any
	rules         rules
}

// expired tells whether the token was valid until now at the latest.
func (i *identity) expired(now time.Time) bool { return !now.Before(i.expires) }

// answer is the body of a successful GET or POST of /v3/auth/tokens, as far as it matters.
type answer struct {
	Token *struct {
		ExpiresAt string `json:"expires_at"`
		User      struct {
			named
			Domain named `json:"domain"`
		} `json:"user"`
		Project struct {
			named
			Domain named `json:"domain"`
		} `json:"project"`
		Domain         named           `json:"domain"`
		System         map[string]any  `json:"system"`
		Roles          []named         `json:"roles"`
		IsAdminProject *bool           `json:"is_admin_project"`
		Bind           map[string]any  `json:"bind"`
		Catalog        *catalog        `json:"catalog"`
		Credential     *credentialPart `json:"application_credential"`
	} `json:"token"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type credentialPart struct {
	AccessRules *[]accessRule `json:"access_rules"`
}

// parseAnswer reads an answer. Of what is wrong with it the error says no more than that, for there is a token's content in it.
func parseAnswer(body []byte) (*answer, time.Time, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, time.Time{}, fmt.Errorf("the answer is no JSON, at byte %d", syntax.Offset)
		}
		return nil, time.Time{}, errors.New("the answer has not the form of a token")
	}
	if a.Token == nil {
		return nil, time.Time{}, errors.New("the answer has no token")
	}
	expires, err := time.Parse(time.RFC3339, a.Token.ExpiresAt)
	if err != nil {
		return nil, time.Time{}, errors.New("the answer does not say when the token expires")
	}
	return &a, expires, nil
}

// parseIdentity reads what Keystone says of somebody's token.
func parseIdentity(body []byte, withCatalog bool) (*identity, error) {
	a, expires, err := parseAnswer(body)
	if err != nil {
		return nil, err
	}
	if a.Token.User.ID == "" {
		return nil, errors.New("the answer does not say whose the token is")
	}
	i := &identity{expires: expires, bind: a.Token.Bind}
	for _, r := range a.Token.Roles {
		i.roles = append(i.roles, r.Name)
	}
	if i.rules, err = a.rules(); err != nil {
		return nil, err
	}
	i.user, i.service = a.headers("X-", i.roles), a.headers("X-Service-", i.roles)
	i.user = append(i.user, a.userHeaders(i.roles)...)
	if withCatalog && a.Token.Catalog != nil {
		i.user = append(i.user, field{catalogHeader, []string{a.Token.Catalog.header()}})
	}
	i.user = append(i.user, field{userStatusHeader, confirmed()})
	i.service = append(i.service, field{serviceStatusHeader, confirmed()})
	return i, nil
}

// headers are those that the user's and the service's identity have alike; what a token has not is in none.
func (a *answer) headers(prefix string, roles []string) []field {
	t := a.Token
	return appendSet([]field{{prefix + "Roles", []string{strings.Join(roles, ",")}}}, prefix, [][2]string{
		{"Domain-Id", t.Domain.ID}, {"Domain-Name", t.Domain.Name},
		{"Project-Id", t.Project.ID}, {"Project-Name", t.Project.Name},
		{"Project-Domain-Id", t.Project.Domain.ID}, {"Project-Domain-Name", t.Project.Domain.Name},
		{"User-Id", t.User.ID}, {"User-Name", t.User.Name},
		{"User-Domain-Id", t.User.Domain.ID}, {"User-Domain-Name", t.User.Domain.Name},
	})
}

// userHeaders are those that only the user's identity has. The original takes the system scope from the service's token, where
// there is one: a service must not widen what its user may do.
func (a *answer) userHeaders(roles []string) []field {
	t := a.Token
	admin := "True"
	if t.IsAdminProject != nil && !*t.IsAdminProject {
		admin = "False"
	}
	fields := []field{{"X-Is-Admin-Project", []string{admin}}, {"X-Role", []string{strings.Join(roles, ",")}}}
	if all, _ := t.System["all"].(bool); all {
		fields = append(fields, field{systemScopeHeader, []string{"all"}})
	}
	return appendSet(fields, "X-", [][2]string{ // names of once
		{"User", t.User.Name}, {"Tenant-Id", t.Project.ID}, {"Tenant-Name", t.Project.Name}, {"Tenant", t.Project.Name},
	})
}

func appendSet(fields []field, prefix string, values [][2]string) []field {
	for _, v := range values {
		if v[1] != "" {
			fields = append(fields, field{prefix + v[0], []string{v[1]}})
		}
	}
	return fields
}
