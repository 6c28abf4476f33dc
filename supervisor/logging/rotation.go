package logging

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// rotation is when a log file gives way to a new one, and how many are kept. The zero value is never.
type rotation struct {
	// size is the number of bytes that the file must not reach; 0 is no limit.
	size int64
	// every is the unit of time, and times how many of them; 0 is no limit. weekday counts from Monday.
	every   every
	times   int
	weekday int
	utc     bool
	// keep is how many rotated files are kept. With 0, size rotates nothing and time keeps all.
	keep int
}

// every is a unit of time.
type every int

const (
	never every = iota
	everySecond
	everyMinute
	everyHour
	everyDay
	everyMidnight
	everyWeek
)

func rotationOfOptions(cfg Config) (rotation, error) {
	switch strings.ToLower(cfg.RotationType) {
	case "none":
		return rotation{}, nil
	case "size":
		return rotation{size: cfg.MaxFileSize, keep: cfg.MaxFiles}, nil
	case "interval":
		return intervalOfOptions(cfg)
	}
	return rotation{}, Problems{{"log_rotation_type", fmt.Errorf("log_rotation_type: %q is none of none, size and interval", cfg.RotationType)}}
}

func intervalOfOptions(cfg Config) (rotation, error) {
	r := rotation{times: cfg.RotateInterval, keep: cfg.MaxFiles}
	units := map[string]every{"seconds": everySecond, "minutes": everyMinute, "hours": everyHour, "days": everyDay,
		"weekday": everyWeek, "midnight": everyMidnight}
	unit, known := units[strings.ToLower(cfg.RotateIntervalType)]
	if !known {
		return r, Problems{{"log_rotate_interval_type",
			fmt.Errorf("log_rotate_interval_type: %q is no unit of time", cfg.RotateIntervalType)}}
	}
	r.every = unit
	if unit == everyWeek {
		r.weekday, r.times = cfg.RotateInterval, 1
	}
	if err := r.check(); err != nil {
		return r, Problems{{"log_rotate_interval", fmt.Errorf("log_rotate_interval: %w", err)}}
	}
	return r, nil
}

// check finds intervals that never end, and days that are none.
func (r rotation) check() error {
	switch {
	case r.every == everyWeek && (r.weekday < 0 || r.weekday > 6):
		return fmt.Errorf("%d is no day of the week: Monday is 0 and Sunday 6", r.weekday)
	case r.every != never && r.times < 1:
		return fmt.Errorf("%d is no interval", r.times)
	case r.times > maxTimes:
		return fmt.Errorf("%d is beyond %d", r.times, maxTimes)
	}
	return nil
}

// maxTimes keeps an interval within what a time.Duration can hold: 50 years of days.
const maxTimes = 18250

// unit is the length of an interval of times 1.
func (r rotation) unit() time.Duration {
	return [...]time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}[r.every]
}

// suffix is what the name of a rotated file ends in, in Go's layout.
func (r rotation) suffix() string {
	return [...]string{"", "2006-01-02_15-04-05", "2006-01-02_15-04", "2006-01-02_15", "2006-01-02", "2006-01-02", "2006-01-02"}[r.every]
}

// after is when the file is rotated next, counted from t.
func (r rotation) after(t time.Time) time.Time {
	t = r.zone(t).Truncate(time.Second)
	switch r.every {
	case everyMidnight:
		return nextDay(t, 1)
	case everyWeek: // at the end of that day
		today := (int(t.Weekday()) + 6) % 7
		return nextDay(t, (r.weekday-today+7)%7+1)
	}
	return t.Add(time.Duration(r.times) * r.unit())
}

// nextDay is the beginning of a day that comes.
func nextDay(t time.Time, days int) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, t.Location())
}

func (r rotation) zone(t time.Time) time.Time {
	if r.utc {
		return t.UTC()
	}
	return t
}

// begun is when the interval began that ends at the time at; files are named for it.
func (r rotation) begun(at time.Time) time.Time {
	at = r.zone(at)
	switch r.every {
	case everyMidnight:
		return nextDay(at, -1)
	case everyWeek:
		return nextDay(at, -7)
	case everyDay:
		return at.AddDate(0, 0, -r.times)
	}
	return at.Add(-time.Duration(r.times) * r.unit())
}

// turns is the state of a file's rotation.
type turns struct {
	rotation
	next  time.Time // when it is rotated
	retry time.Time // a failed rotation is not tried again before
}

// wanted reports whether the file is rotated at all.
func (t *turns) wanted() bool { return t.every != never || t.size > 0 && t.keep > 0 }

// begin sets the first time of rotation: an interval after the file was last written to, as Python has it.
func (t *turns) begin(path string, now time.Time) {
	if t.every == never {
		return
	}
	from := now
	if id, err := os.Stat(path); err == nil {
		from = id.ModTime().In(now.Location())
	}
	t.next = t.after(from)
}

// writeInTurn appends line, and rotates the file before that where it is time. Several processes may write to one path: each holds
// a lock on the file that it has open while it looks whether path still is that file, rotates it where need be, and writes. So
// nobody ever writes to a file that was moved, and may be removed, and no file grows beyond its size.
func (f *file) writeInTurn(now time.Time, line []byte) error {
	var failed error
	for range maxFollows {
		lock(f.f, unix.LOCK_EX)
		if !f.current() {
			if err := f.reopen(); err != nil { // the line goes to the moved file
				failed = errors.Join(failed, err)
				break
			}
			f.turns.next = f.turns.after(now) // somebody else has rotated it
			continue
		}
		if !f.due(now, len(line)) {
			break
		}
		if err := f.rotate(now); err != nil {
			f.turns.retry = now.Add(time.Second)
			failed = errors.Join(failed, fmt.Errorf("rotate log file: %w", err))
		}
	}
	failed = errors.Join(failed, f.append(line))
	lock(f.f, unix.LOCK_UN)
	return failed
}

// maxFollows bounds how often a writer runs behind others who rotate; the line then goes to the file that it has open.
const maxFollows = 100

// lock locks the file against other writers, or unlocks it. Where the file system has no locks there is only this process.
func lock(f *os.File, how int) {
	for {
		if err := unix.Flock(int(f.Fd()), how); !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// due reports whether the file must be rotated before n more bytes. What is no file, such as /dev/null, never is.
func (f *file) due(now time.Time, n int) bool {
	if now.Before(f.turns.retry) || !f.id.Mode().IsRegular() {
		return false
	}
	if f.turns.every != never && !now.Before(f.turns.next) {
		return true
	}
	if f.turns.size <= 0 || f.turns.keep <= 0 {
		return false
	}
	id, err := f.f.Stat()
	return err == nil && id.Size() > 0 && id.Size()+int64(n) >= f.turns.size
}

// rotate moves the file away and opens a new one. The lock is that of the file that is moved, and goes with it.
func (f *file) rotate(now time.Time) error {
	move := f.shift
	if f.turns.every != never {
		move = func() error { return f.moveAside(now) }
	}
	if err := move(); err != nil {
		return err
	}
	return errors.Join(f.reopen(), f.prune())
}

// shift makes room for <path>.1 and moves the file there. What is beyond the first free number stays where it is.
func (f *file) shift() error {
	numbered := func(i int) string { return fmt.Sprintf("%s.%d", f.path, i) }
	free := 1
	for ; free < f.turns.keep; free++ {
		if _, err := os.Lstat(numbered(free)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	for i := free; i > 1; i-- {
		if err := os.Rename(numbered(i-1), numbered(i)); err != nil {
			return err
		}
	}
	return os.Rename(f.path, numbered(1))
}

// moveAside moves the file to a name that says when its interval began. A name that is taken gets a number: what is there is not
// overwritten.
func (f *file) moveAside(now time.Time) error {
	name := f.path + "." + f.turns.begun(f.turns.next).Format(f.turns.suffix())
	free := name
	for i := 1; ; i++ {
		if _, err := os.Lstat(free); errors.Is(err, os.ErrNotExist) {
			break
		}
		free = fmt.Sprintf("%s.%d", name, i)
	}
	if err := os.Rename(f.path, free); err != nil {
		return err
	}
	f.turns.next = f.turns.after(now)
	return nil
}

// prune removes the oldest of the files that moveAside has made, beyond the number to keep.
func (f *file) prune() error {
	if f.turns.every == never || f.turns.keep <= 0 {
		return nil
	}
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		return err
	}
	base := filepath.Base(f.path) + "."
	dated := regexp.MustCompile(`^` + strings.NewReplacer("2006", `\d{4}`, "01", `\d\d`, "02", `\d\d`, "15", `\d\d`, "04", `\d\d`,
		"05", `\d\d`).Replace(f.turns.suffix()) + `(\.\w+)?$`)
	var old []string
	for _, e := range entries {
		if rest, ok := strings.CutPrefix(e.Name(), base); ok && dated.MatchString(rest) {
			old = append(old, e.Name())
		}
	}
	slices.Sort(old)
	var failed error
	for i := 0; i < len(old)-f.turns.keep; i++ {
		failed = errors.Join(failed, os.Remove(filepath.Join(filepath.Dir(f.path), old[i])))
	}
	return failed
}
