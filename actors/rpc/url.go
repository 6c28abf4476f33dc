package rpc

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// masked stands for a password in every text.
const masked = "****"

// escapeHint is what is usually behind a URL that falls apart.
const escapeHint = "in a user name or password, @ / ? , : and % must be written as %40 %2F %3F %2C %3A %25"

// URL is a parsed transport_url: driver://[user:password@]host[:port][,...]/virtual_host?options.
type URL struct {
	// Driver is the scheme; what follows a "+" in it is the driver's own affair.
	Driver      string
	Hosts       []Host
	VirtualHost string
	Query       url.Values
}

// Host is one broker of a URL.
type Host struct {
	Name string
	// Port is 0 where the URL has none.
	Port     int
	User     string
	Password string `json:"-"`
}

// Driver opens the transport that a URL describes.
type Driver func(URL) (Transport, error)

// Open opens the transport of a transport_url with one of the drivers, which are named by scheme.
func Open(transportURL string, drivers map[string]Driver) (Transport, error) {
	u, err := ParseURL(transportURL)
	if err != nil {
		return nil, err
	}
	open, err := FindDriver(u, drivers)
	if err != nil {
		return nil, err
	}
	t, err := open(u)
	if err != nil {
		return nil, fmt.Errorf("transport_url %s: %w", u, err)
	}
	return t, nil
}

// FindDriver returns the driver that a URL names. Where Neutron has it and drivers does not, the error is ErrNotBuiltIn.
func FindDriver(u URL, drivers map[string]Driver) (Driver, error) {
	name, _, _ := strings.Cut(u.Driver, "+")
	if open, ok := drivers[name]; ok {
		return open, nil
	}
	return nil, fmt.Errorf("transport_url %s: failed to load transport driver %q: %w", u, name, missing(name, drivers))
}

func missing(name string, drivers map[string]Driver) error {
	there := strings.Join(slices.Sorted(maps.Keys(drivers)), ", ")
	if product, ok := product(name); ok {
		return fmt.Errorf("%s is %w (built in: %s)", product, ErrNotBuiltIn, there)
	}
	return fmt.Errorf("no such driver (built in: %s)", there)
}

// product is what stands behind a driver of oslo.messaging, from Newton's on.
func product(driver string) (string, bool) {
	switch driver {
	case "rabbit", "kombu", "pika":
		return "RabbitMQ", true
	case "kafka":
		return "Kafka", true
	case "amqp":
		return "AMQP 1.0", true
	case "zmq":
		return "ZeroMQ", true
	}
	return "", false
}

// ParseURL parses a transport_url. Its errors never show a password.
func ParseURL(s string) (URL, error) {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !isScheme(scheme) {
		return URL{}, errors.New("transport_url: no scheme specified, such as fake://")
	}
	u := URL{Driver: strings.ToLower(scheme)}
	rest, query, _ := strings.Cut(rest, "?")
	var err error
	if u.Query, err = url.ParseQuery(query); err != nil {
		return URL{}, fmt.Errorf("transport_url: options of %s: malformed", u.Driver)
	}
	netloc, isNet := strings.CutPrefix(rest, "//")
	if !isNet {
		return URL{}, fmt.Errorf("transport_url: %s: must begin with %s://", u.Driver, u.Driver)
	}
	netloc, path, _ := strings.Cut(netloc, "/")
	if strings.Contains(path+query, "@") {
		return URL{}, fmt.Errorf("transport_url: %s: @ behind the hosts: %s", u.Driver, escapeHint)
	}
	if u.VirtualHost, err = url.PathUnescape(path); err != nil {
		return URL{}, errors.New("transport_url: virtual host: malformed %-escape")
	}
	if u.Hosts, err = parseHosts(netloc); err != nil {
		return URL{}, err
	}
	return u, nil
}

func isScheme(s string) bool {
	for _, r := range s {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._", r) {
			return false
		}
	}
	return s != ""
}

func parseHosts(netloc string) ([]Host, error) {
	var hosts []Host
	for i, part := range strings.Split(netloc, ",") {
		h, err := parseHost(part)
		if err != nil {
			return nil, fmt.Errorf("transport_url: host %d: %w", i+1, err)
		}
		if h != (Host{}) {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// parseHost takes the last "@" as the end of the credentials: user names may have one.
func parseHost(s string) (Host, error) {
	var h Host
	if at := strings.LastIndex(s, "@"); at >= 0 {
		user, password, _ := strings.Cut(s[:at], ":")
		var err1, err2 error
		h.User, err1 = url.PathUnescape(user)
		h.Password, err2 = url.PathUnescape(password)
		if err1 != nil || err2 != nil {
			return Host{}, errors.New("credentials: malformed %-escape")
		}
		s = s[at+1:]
	}
	var err error
	h.Name, h.Port, err = parseAddress(s)
	return h, err
}

// parseAddress keeps the text out of its errors: what looks like a port may be the beginning of a password that has a
// character which ends the host.
func parseAddress(s string) (name string, port int, err error) {
	name, digits, _ := strings.Cut(s, ":")
	if strings.HasPrefix(s, "[") {
		end := strings.Index(s, "]")
		if end < 2 {
			return "", 0, errors.New("invalid IPv6 URL")
		}
		rest, hasPort := strings.CutPrefix(s[end+1:], ":")
		if !hasPort && rest != "" {
			return "", 0, errors.New("invalid IPv6 URL")
		}
		name, digits = s[1:end], rest
	}
	if digits == "" {
		return name, 0, nil
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return "", 0, fmt.Errorf("the port is not a number from 0 to 65535: %s", escapeHint)
	}
	return name, int(n), nil
}

// String returns the URL with every password masked, and those options that look like one.
func (u URL) String() string {
	hosts := make([]string, len(u.Hosts))
	for i, h := range u.Hosts {
		hosts[i] = h.String()
	}
	s := u.Driver + "://" + strings.Join(hosts, ",") + "/" + escape(u.VirtualHost)
	if len(u.Query) > 0 {
		s += "?" + u.maskedQuery()
	}
	return s
}

func (u URL) maskedQuery() string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(u.Query)) {
		for _, value := range u.Query[key] {
			value = escape(value)
			if strings.Contains(strings.ToLower(key), "passw") {
				value = masked
			}
			parts = append(parts, escape(key)+"="+value)
		}
	}
	return strings.Join(parts, "&")
}

// String returns the host with its password masked.
func (h Host) String() string {
	s := h.Name
	if h.Port != 0 {
		s = net.JoinHostPort(h.Name, strconv.Itoa(h.Port))
	} else if strings.Contains(h.Name, ":") {
		s = "[" + h.Name + "]"
	}
	switch {
	case h.Password != "":
		s = escape(h.User) + ":" + masked + "@" + s
	case h.User != "":
		s = escape(h.User) + "@" + s
	}
	return s
}

// escape writes everything that has a meaning in a URL as %xx.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// GoString keeps passwords out of %#v.
func (h Host) GoString() string { return h.String() }

// GoString keeps passwords out of %#v.
func (u URL) GoString() string { return u.String() }
