package logging

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// journalSpec is systemd's journal.
type journalSpec struct {
	socket   string
	ident    string
	facility int
}

func (s journalSpec) check() error      { return nil }
func (s journalSpec) wantsCaller() bool { return true }

// open never fails: the journal may be restarted at any time, so it may also be away for a moment now.
func (s journalSpec) open(time.Time) (sink, error) {
	return &journal{spec: s, daemon: daemon{what: "journal", network: "unixgram", address: s.socket}}, nil
}

// journal sends records in the journal's own protocol, with the fields of oslo.log's OSJournalHandler.
type journal struct {
	daemon
	spec  journalSpec
	entry []byte
}

func (j *journal) write(m *delivery) error {
	if lost := j.dropped; lost > 0 {
		j.entry = j.entry[:0]
		j.add("MESSAGE", fmt.Appendf(nil, "%d records could not be sent to the journal and are lost", lost))
		j.addCommon(warning)
		if err := j.finish(); err != nil {
			return j.drop(err)
		}
		j.dropped = 0
	}
	j.compose(m)
	err := j.finish()
	if cap(j.entry) > maxPooled {
		j.entry = nil
	}
	if err != nil {
		return j.drop(err)
	}
	return nil
}

// compose puts the fields of a record into the entry. There is no THREAD_NAME: goroutines have none.
func (j *journal) compose(m *delivery) {
	r := m.record
	j.entry = j.entry[:0]
	j.add("MESSAGE", m.line[:len(m.line)-1])
	if r.caller.file != "" {
		j.addText("CODE_FILE", r.caller.file)
		j.addText("CODE_LINE", strconv.Itoa(r.caller.line))
		j.addText("CODE_FUNC", r.caller.function)
	}
	j.addText("PROCESS_NAME", j.spec.ident)
	j.add("LOGGER_NAME", r.appendName(nil))
	j.addText("LOGGER_LEVEL", r.level.name())
	j.addCommon(r.level)
	if r.has(slotStack) {
		stack := r.appendText(nil, r.spanOf(slotStack), true)
		j.add("EXCEPTION_INFO", stack)
		j.add("EXCEPTION_TEXT", stack)
	}
	for _, f := range [...]struct {
		name string
		slot slot
	}{
		{"PROJECT_NAME", slotProjectName}, {"PROJECT_ID", slotProjectID}, {"USER_NAME", slotUserName}, {"USER_ID", slotUserID},
		{"REQUEST_ID", slotRequestID},
	} {
		if r.filled(f.slot) {
			j.add(f.name, r.appendText(nil, r.spanOf(f.slot), false))
		}
	}
}

func (j *journal) addCommon(level severity) {
	j.addText("SYSLOG_IDENTIFIER", j.spec.ident)
	j.addText("PRIORITY", strconv.Itoa(level.syslog()))
	j.addText("SYSLOG_FACILITY", strconv.Itoa(j.spec.facility))
}

func (j *journal) addText(name, value string) { j.add(name, []byte(value)) }

// add puts one field into the entry: on a line, or behind its length where it has several.
func (j *journal) add(name string, value []byte) {
	j.entry = append(j.entry, name...)
	if bytes.IndexByte(value, '\n') < 0 {
		j.entry = append(append(append(j.entry, '='), value...), '\n')
		return
	}
	j.entry = binary.LittleEndian.AppendUint64(append(j.entry, '\n'), uint64(len(value)))
	j.entry = append(append(j.entry, value...), '\n')
}

// finish sends the entry. One that is too long for a datagram goes in a file in memory, of which the journal gets the
// descriptor.
func (j *journal) finish() error {
	err := j.send(j.entry, nil)
	if !errors.Is(err, unix.EMSGSIZE) && !errors.Is(err, unix.ENOBUFS) {
		return err
	}
	f, err := memoryFile(strings.ToLower(j.spec.ident), j.entry)
	if err != nil {
		return err
	}
	err = j.send(nil, unix.UnixRights(int(f.Fd())))
	return errors.Join(err, f.Close())
}

// reopen connects again, for journals that moved.
func (j *journal) reopen() error {
	j.hangUp()
	return nil
}
