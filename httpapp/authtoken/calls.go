package authtoken

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// maxAnswer bounds the body of an answer of Keystone, in bytes. A catalog of a thousand endpoints takes a tenth of it.
	maxAnswer = 4 << 20
	// maxRedirects bounds how often Keystone may send a call elsewhere on its host.
	maxRedirects = 5
	// firstPause is the time between a call that found nobody and the next; it doubles.
	firstPause = 500 * time.Millisecond
)

// caller carries calls to Keystone and answers back. It is safe for concurrent use.
type caller struct {
	client  *http.Client
	timeout time.Duration
	retries int
	// answered is told of each answer.
	answered func()
	// away is set while Keystone is known not to be there: then a call is made once, for its repetitions are for the
	// moments of a restart.
	away atomic.Bool
}

// reply is Keystone's answer to a call.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// failure is an answer that is none, for the log. It leaves out what Keystone says: older versions name the token there.
func (a *reply) failure() error {
	if id := a.header.Get("X-Openstack-Request-Id"); id != "" && len(id) < 64 {
		return fmt.Errorf("Keystone answers with status %d (its request %q)", a.status, id)
	}
	return fmt.Errorf("Keystone answers with status %d", a.status)
}

// retry is send, repeated when nobody is there.
func (c *caller) retry(ctx context.Context, method, at string, h http.Header) (*reply, error) {
	pause := firstPause
	for left := c.retries; ; left-- {
		a, err := c.send(ctx, method, at, h, nil)
		if !errors.Is(err, errConnect) {
			return a, err
		}
		if left <= 0 || c.away.Load() {
			c.away.Store(true)
			return nil, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
		pause *= 2
	}
}

// errConnect is a call that found nobody.
var errConnect = errors.New("Keystone cannot be reached")

// send makes a call and follows where Keystone sends it, as long as that is on the same host: what is in the call is for
// nobody else.
func (c *caller) send(ctx context.Context, method, at string, h http.Header, body []byte) (*reply, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	for range maxRedirects {
		a, err := c.once(ctx, method, at, h, body)
		if err != nil {
			return nil, err
		}
		c.away.Store(false)
		c.answered()
		if !redirects(a.status) {
			return a, nil
		}
		next, err := resolve(at, a.header.Get("Location"))
		if err != nil || !sameHost(at, next) {
			return nil, fmt.Errorf("%s is sent elsewhere by status %d, to a host that is not Keystone's", shown(at), a.status)
		}
		at = next
	}
	return nil, fmt.Errorf("%s is sent elsewhere more than %d times", shown(at), maxRedirects)
}

func redirects(status int) bool {
	switch status {
	case 301, 302, 303, 305, 307, 308:
		return true
	}
	return false
}

// sameHost lets the port change, and http become https.
func sameHost(from, to string) bool {
	a, errA := url.Parse(from)
	b, errB := url.Parse(to)
	return errA == nil && errB == nil && strings.EqualFold(a.Hostname(), b.Hostname()) && (a.Scheme == b.Scheme || b.Scheme == "https")
}

func (c *caller) once(ctx context.Context, method, at string, h http.Header, body []byte) (*reply, error) {
	r, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%s is no URL", shown(at))
	}
	for name, values := range h {
		r.Header[name] = values
	}
	r.Header["Accept"], r.Header["User-Agent"] = []string{"application/json"}, []string{"neutron-server keystonemiddleware.auth_token (hadron)"}
	if body != nil {
		r.Header["Content-Type"] = []string{"application/json"}
	}
	answer, err := c.client.Do(r)
	if err != nil {
		return nil, reason(at, err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, reason(at, err)
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("%s: the answer is larger than %d bytes", shown(at), maxAnswer)
	}
	return &reply{answer.StatusCode, answer.Header, data}, nil
}

// reason takes net/http's wrapping off an error: what is left names address and cause, and nothing of the call.
func reason(at string, err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: Keystone does not answer in time", shown(at))
	}
	return fmt.Errorf("%s: %w: %w", shown(at), errConnect, err)
}
