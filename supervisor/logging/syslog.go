package logging

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// facilities are syslog's, by their number: those that oslo.log knows, in its order.
func facilities() []struct {
	name   string
	number int
} {
	return []struct {
		name   string
		number int
	}{
		{"LOG_KERN", 0}, {"LOG_USER", 1}, {"LOG_MAIL", 2}, {"LOG_DAEMON", 3}, {"LOG_AUTH", 4}, {"LOG_SYSLOG", 5}, {"LOG_LPR", 6},
		{"LOG_NEWS", 7}, {"LOG_UUCP", 8}, {"LOG_CRON", 9}, {"LOG_AUTHPRIV", 10}, {"LOG_FTP", 11}, {"LOG_LOCAL0", 16},
		{"LOG_LOCAL1", 17}, {"LOG_LOCAL2", 18}, {"LOG_LOCAL3", 19}, {"LOG_LOCAL4", 20}, {"LOG_LOCAL5", 21}, {"LOG_LOCAL6", 22},
		{"LOG_LOCAL7", 23},
	}
}

// facilityNamed finds a facility by its name in any case, with or without LOG_.
func facilityNamed(name string) (int, error) {
	name = strings.ToUpper(name)
	if !strings.HasPrefix(name, "LOG_") {
		name = "LOG_" + name
	}
	var names []string
	for _, f := range facilities() {
		if f.name == name {
			return f.number, nil
		}
		names = append(names, "'"+f.name+"'")
	}
	return 0, errors.New("syslog facility must be one of: " + strings.Join(names, ", "))
}

// syslogSpec is a syslog daemon.
type syslogSpec struct {
	network  string // udp, or empty for a Unix socket
	address  string
	facility int
	// ident names the program, behind the time, as syslog(3) does it for oslo.log. Empty is the form of Python's SysLogHandler,
	// which has neither and ends in a NUL.
	ident string
}

func (s syslogSpec) check() error      { return nil }
func (s syslogSpec) wantsCaller() bool { return false }

// open connects over UDP, where the name of a host may be wrong. A Unix socket that is not there may come later: as with
// syslog(3) that is no error.
func (s syslogSpec) open(time.Time) (sink, error) {
	d := daemon{what: "syslog", network: "unixgram", address: s.address}
	if s.network != "" {
		d.network = s.network
		if err := d.dial(); err != nil {
			return nil, fmt.Errorf("syslog: %w", err)
		}
	}
	return &syslog{spec: s, daemon: d}, nil
}

// syslog sends records as RFC 3164 has them, without the host name, which the daemon adds.
type syslog struct {
	daemon
	spec   syslogSpec
	packet []byte
}

func (s *syslog) write(m *delivery) error {
	if lost := s.dropped; lost > 0 {
		s.begin(m, warning)
		s.packet = fmt.Appendf(s.packet, "%d records could not be sent to syslog and are lost", lost)
		if err := s.finish(); err != nil {
			return s.drop(err)
		}
		s.dropped = 0
	}
	s.begin(m, m.record.level)
	s.packet = append(s.packet, m.line[:len(m.line)-1]...)
	err := s.finish()
	if cap(s.packet) > maxPooled {
		s.packet = nil
	}
	if err != nil {
		return s.drop(err)
	}
	return nil
}

// begin starts a packet: <priority>, and the time and the name of the program where they are wanted.
func (s *syslog) begin(m *delivery, level severity) {
	s.packet = append(s.packet[:0], '<')
	s.packet = append(strconv.AppendInt(s.packet, int64(s.spec.facility<<3|level.syslog()), 10), '>')
	if s.spec.ident != "" {
		s.packet = m.record.at.AppendFormat(s.packet, time.Stamp)
		s.packet = append(append(append(s.packet, ' '), s.spec.ident...), ": "...)
	}
}

// finish sends the packet. One that the socket does not take for its length is cut until it does.
func (s *syslog) finish() error {
	if s.conn == nil { // the end of a record depends on the kind of socket
		if err := s.dial(); err != nil {
			return err
		}
	}
	body := len(s.packet)
	s.terminate()
	err := s.send(s.packet, nil)
	for limit := maxSyslog; errors.Is(err, unix.EMSGSIZE) && limit >= minSyslog; limit /= 2 {
		if body > limit {
			s.packet = fmt.Appendf(s.packet[:limit], "... (cut from %d bytes)", body)
			s.terminate()
			err = s.send(s.packet, nil)
		}
	}
	return err
}

// The lengths between which one is looked for that the socket takes. syslogd cuts at 8 KiB by default itself.
const (
	maxSyslog = 64 << 10
	minSyslog = 1 << 10
)

// terminate adds the NUL that ends a record on a stream, and in the form of Python's SysLogHandler.
func (s *syslog) terminate() {
	if s.spec.ident == "" || s.stream {
		s.packet = append(s.packet, 0)
	}
}

// reopen connects again: the daemon's socket may be another one.
func (s *syslog) reopen() error {
	if s.spec.network == "" {
		s.hangUp()
	}
	return nil
}
