package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// timeFormat is how SQLAlchemy writes a DATETIME on SQLite.
const timeFormat = "2006-01-02 15:04:05.000000"

// FormatTime returns t as the database keeps it: UTC, to the second, as Neutron's timestamps are.
func FormatTime(t time.Time) string { return t.UTC().Truncate(time.Second).Format(timeFormat) }

// Time scans a DATETIME that was selected as text (`column || ”`: a bare DATETIME column would be parsed by the driver,
// slowly). NULL is the zero time.
type Time struct{ To *time.Time }

// Scan implements sql.Scanner.
func (t Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t.To = time.Time{}
		return nil
	case string:
		return t.parse(v)
	case []byte:
		return t.parse(string(v))
	case time.Time:
		*t.To = v
		return nil
	}
	return fmt.Errorf("time: unexpected %T", src)
}

func (t Time) parse(s string) error {
	if v, ok := plainTime(s); ok {
		*t.To = v
		return nil
	}
	layout := timeFormat
	if len(s) == len(time.DateTime) {
		layout = time.DateTime
	}
	v, err := time.ParseInLocation(layout, s, time.UTC)
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	*t.To = v
	return nil
}

// plainTime reads timeFormat with no fraction of a second, as nearly all times are, at a tenth of what time.Parse costs.
// Anything unusual is left to that.
func plainTime(s string) (time.Time, bool) {
	const zero = "0000-00-00 00:00:00.000000"
	if len(s) != len(zero) || s[len(time.DateTime):] != zero[len(time.DateTime):] {
		return time.Time{}, false
	}
	var fields [6]int
	n := 0
	for i := range len(time.DateTime) {
		switch c := s[i]; {
		case zero[i] != '0':
			if c != zero[i] {
				return time.Time{}, false
			}
			n++
		case c < '0' || c > '9':
			return time.Time{}, false
		default:
			fields[n] = 10*fields[n] + int(c-'0')
		}
	}
	year, month, day, hour, minute, second := fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]
	if month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC), true
}

// NullString scans a nullable text, NULL as "".
type NullString struct{ To *string }

// Scan implements sql.Scanner.
func (n NullString) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n.To = ""
	case string:
		*n.To = v
	case []byte:
		*n.To = string(v)
	default:
		return fmt.Errorf("text: unexpected %T", src)
	}
	return nil
}

// Nullable returns s for a statement, NULL when it is empty.
func Nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// NewStandard inserts a row of standardattributes for a resource of that kind (the table's name: "networks", "ports",
// ...) and returns its id. Both times are now, the revision is the given one.
func (tx *Tx) NewStandard(kind, description string, revision int64, now time.Time) (int64, error) {
	t := FormatTime(now)
	return tx.Insert(`INSERT INTO standardattributes (resource_type, description, revision_number, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?)`, kind, description, revision, t, t)
}

// Revise counts a change of the resource whose standard attribute is id: the revision grows by one and updated_at
// becomes now.
func (tx *Tx) Revise(id int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE standardattributes SET revision_number = revision_number + 1, updated_at = ? WHERE id = ?`,
		FormatTime(now), id)
	return err
}

// Touch makes now the time of a resource's last change, and counts none: so Neutron does where a request names a column
// of the resource's own with the value that it has.
func (tx *Tx) Touch(id int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE standardattributes SET updated_at = ? WHERE id = ?`, FormatTime(now), id)
	return err
}

// Describe changes the description.
func (tx *Tx) Describe(id int64, description string) error {
	_, err := tx.Exec(`UPDATE standardattributes SET description = ? WHERE id = ?`, description, id)
	return err
}

// DeleteStandard deletes the standard attribute and, by cascade, the resource that owns it with all its child rows.
func (tx *Tx) DeleteStandard(id int64) error {
	_, err := tx.Exec(`DELETE FROM standardattributes WHERE id = ?`, id)
	return err
}

// SetTags replaces the tags of a resource.
func (tx *Tx) SetTags(id int64, tags []string) error {
	if _, err := tx.Exec(`DELETE FROM tags WHERE standard_attr_id = ?`, id); err != nil {
		return err
	}
	return tx.AddTags(id, tags)
}

// AddTags adds tags to a resource that has none of them.
func (tx *Tx) AddTags(id int64, tags []string) error {
	for _, tag := range tags {
		if _, err := tx.Exec(`INSERT INTO tags (standard_attr_id, tag) VALUES (?, ?)`, id, tag); err != nil {
			return err
		}
	}
	return nil
}

// IsNoRows reports whether err says that a query found nothing.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
