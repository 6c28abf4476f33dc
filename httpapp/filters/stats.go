package filters

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// StatsOptions are the keys of a section that uses StatsMiddleware.
type StatsOptions struct {
	// Name begins the name of every statistic; Host and Port are where statsd listens.
	Name, Host, Port string
	// RemoveUUID and RemoveShortUUID take ids out of names, with dashes and without, so that one statistic counts all.
	RemoveUUID, RemoveShortUUID bool
}

// statsWait bounds how long the name of statsd's host may take to resolve while the application is built.
const statsWait = 2 * time.Second

// Stats times every request and tells statsd, over UDP: <name>.<method>.<path with dots>. It neither waits nor fails: what
// the kernel cannot take at once is lost, as is what nobody listens to.
func Stats(o StatsOptions) (Filter, error) {
	ctx, cancel := context.WithTimeout(context.Background(), statsWait)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "udp", net.JoinHostPort(o.Host, o.Port))
	if err != nil {
		return nil, fmt.Errorf("statsd at %s: %w", net.JoinHostPort(o.Host, o.Port), err)
	}
	raw, err := conn.(*net.UDPConn).SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("statsd at %s: %w", net.JoinHostPort(o.Host, o.Port), err)
	}
	names := newStatNames(o)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			name, start := names.of(r), time.Now()
			defer func() { // of a panic too
				took := float64(time.Since(start)) / float64(time.Millisecond)
				send(raw, strconv.AppendFloat(append([]byte(name), ':'), took, 'f', 6, 64))
			}()
			next.ServeHTTP(w, r)
		})
	}, nil
}

// send writes one datagram if the socket takes it at once. net.Conn would wait for room.
func send(raw syscall.RawConn, stat []byte) {
	stat = append(stat, "|ms"...)
	_ = raw.Write(func(fd uintptr) bool { // closed: the application is going
		_, _ = syscall.Write(int(fd), stat) // lost, which is what UDP promises
		return true
	})
}

// statNames makes names of requests.
type statNames struct {
	StatsOptions
	version, uuid, shortUUID *regexp.Regexp
}

func newStatNames(o StatsOptions) statNames {
	return statNames{
		StatsOptions: o,
		version:      regexp.MustCompile(`^/v[0-9]\.[0-9]`),
		uuid:         regexp.MustCompile(`(?i)\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		shortUUID:    regexp.MustCompile(`(?i)\.[0-9a-f]{32}`),
	}
}

// of names the statistic of a request. A version loses its dot, which would be a level of its own: v2.0 is v20. What
// means something to statsd's line, and control characters, are not taken from the client.
func (n *statNames) of(r *http.Request) string {
	path := neutron.FromContext(r.Context()).ScriptName + r.URL.Path
	if at := n.version.FindStringIndex(path); at != nil {
		path = strings.Replace(path[:at[1]], ".", "", 1) + path[at[1]:]
	}
	name := n.Name + "." + r.Method
	if path = strings.TrimLeft(path, "/"); path != "" {
		name += "." + strings.ReplaceAll(path, "/", ".")
	}
	if n.RemoveShortUUID {
		name = n.shortUUID.ReplaceAllString(name, "")
	}
	if n.RemoveUUID {
		name = n.uuid.ReplaceAllString(name, "")
	}
	return strings.Map(inStatName, name[:min(len(name), maxStatName)])
}

// maxStatName keeps a datagram, with its time, well inside one packet.
const maxStatName = 1024

func inStatName(c rune) rune {
	if c <= ' ' || c == ':' || c == '|' || c == '@' || c == '#' || c > '~' {
		return '_'
	}
	return c
}
