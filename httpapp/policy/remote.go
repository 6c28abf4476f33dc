package policy

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Remote says how http: and https: checks ask.
type Remote struct {
	// JSON sends one JSON document instead of a form whose three fields are JSON.
	JSON bool
	// Timeout bounds a question, from its beginning to the last byte of the answer; zero means that it ends as its request does.
	Timeout time.Duration
	// TLS returns what https: checks need. It is asked once, and only when there is such a check; nil for Go's defaults.
	TLS func() (*tls.Config, error)
}

// Whole is the field by which a rule asks for everything that an object shows, as one JSON object.
const Whole = "*"

// maxAnswer bounds what is read of an answer: one word is expected.
const maxAnswer = 4 << 10

// remote is http:<address> or https:<address>: whoever answers True there says yes.
type remote struct {
	scheme string
	match  format
	whole  int // the field Whole
	asker  *asker
}

// asker asks for the checks of one Enforcer.
type asker struct {
	json   bool
	client http.Client
}

func newAsker(o Remote) *asker {
	return &asker{json: o.JSON, client: http.Client{Timeout: o.Timeout, Transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DisableKeepAlives:      true, // an Enforcer is dropped without notice, and must leave nothing open behind
		MaxResponseHeaderBytes: 64 << 10,
	}}}
}

func parseRemote(scheme, match string) (expr, error) {
	f, err := newFormat(match)
	if err == nil && !strings.HasPrefix(match, "//") {
		err = fmt.Errorf("%s:%s: the form is %s://<host>/<path>", scheme, match, scheme)
	}
	return &remote{scheme: scheme, match: f}, err
}

func (r *remote) String() string { return r.scheme + ":" + r.match.text }

func (r *remote) reduce(work *reduction) expr {
	bound := *r
	bound.match = work.bind(r.match)
	bound.whole = work.field(Whole)
	return &bound
}

// eval implements expr. As with oslo.policy, the status of the answer does not count, and a server that cannot be asked is an
// error rather than a no.
func (r *remote) eval(s *state) (bool, error) {
	address, ok := r.match.fill(s, append([]byte(r.scheme), ':'))
	if !ok {
		return false, errKey
	}
	text, err := r.asker.ask(s.ctx, quoted(address), s.row.Value(r.whole).Text, s.caller)
	if err != nil {
		return false, fmt.Errorf("policy check %s: %w", r, withoutAddress(err))
	}
	return strings.Trim(text, `"`) == "True", nil
}

// withoutAddress: the address that was asked may have a user's data in it, and the check is named beside it.
func withoutAddress(err error) error {
	var where *url.Error
	if errors.As(err, &where) {
		return where.Err
	}
	return err
}

// ask returns the answer to what is posted.
func (a *asker) ask(ctx context.Context, address string, target []byte, c *Caller) (string, error) {
	kind, body, err := a.body(target, c)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", kind)
	response, err := a.client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // what has been read is what counts
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	return string(answer), err
}

// body is the question: which rule, about what, and who asks.
func (a *asker) body(target []byte, c *Caller) (kind string, body []byte, err error) {
	if len(target) == 0 {
		target = []byte("{}")
	}
	question := struct {
		Rule        any             `json:"rule"`
		Target      json.RawMessage `json:"target"`
		Credentials map[string]any  `json:"credentials"`
	}{Target: target, Credentials: credentials(c.rc)}
	if c.asked != "" {
		question.Rule = c.asked
	}
	if a.json {
		body, err = json.Marshal(question)
		return "application/json", body, err
	}
	rule, _ := json.Marshal(question.Rule) // a text or nothing
	who, err := json.Marshal(question.Credentials)
	form := "rule=" + url.QueryEscape(string(rule)) + "&target=" + url.QueryEscape(string(target)) +
		"&credentials=" + url.QueryEscape(string(who))
	return "application/x-www-form-urlencoded", []byte(form), err
}

// quoted is an address with what may not stand in one replaced. What a %XX is of stays.
func quoted(address []byte) string {
	const safe = "!#$&'()*+,/:;=?@[]~-._"
	out := make([]byte, 0, len(address))
	for i, b := range address {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', strings.IndexByte(safe, b) >= 0,
			b == '%' && i+2 < len(address) && isHex(address[i+1]) && isHex(address[i+2]):
			out = append(out, b)
		default:
			out = fmt.Appendf(out, "%%%02X", b)
		}
	}
	return string(out)
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}
