package store

import (
	"context"
	"testing"
	"time"
)

var testTime = time.Date(2026, 11, 22, 8, 4, 20, 999, time.UTC)

func TestStandardAttributes(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	var created, updated time.Time
	var revision int64
	var description string
	err := db.Write(context.Background(), func(tx *Tx) error {
		id, err := tx.NewStandard("networks", "before", 1, testTime)
		if err != nil {
			return err
		}
		if err := tx.Describe(id, "after"); err != nil {
			return err
		}
		if err := tx.Revise(id, testTime.Add(time.Minute)); err != nil {
			return err
		}
		return tx.Get(`SELECT description, revision_number, created_at || '', updated_at || '' FROM standardattributes WHERE id = ?`,
			[]any{id}, &description, &revision, Time{&created}, Time{&updated})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := testTime.Truncate(time.Second)
	if !created.Equal(want) || !updated.Equal(want.Add(time.Minute)) || revision != 2 || description != "after" {
		t.Errorf("got %s, %s, %d, %q", created, updated, revision, description)
	}
}

func TestTimeScan(t *testing.T) {
	t.Parallel()
	for src, want := range map[any]time.Time{
		nil:                          {},
		"2026-11-22 08:04:20.000000": testTime.Truncate(time.Second),
		"2026-11-22 08:04:20":        testTime.Truncate(time.Second),
		testTime:                     testTime,
	} {
		var got time.Time
		if err := (Time{&got}).Scan(src); err != nil || !got.Equal(want) {
			t.Errorf("%v: got %s (%v), want %s", src, got, err, want)
		}
	}
	for _, src := range []any{"yesterday", 5} {
		var got time.Time
		if err := (Time{&got}).Scan(src); err == nil {
			t.Errorf("%v was taken for %s", src, got)
		}
	}
}

func TestPlainTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"2026-01-02 03:04:05.000000", "2024-02-29 23:59:59.000000", "0001-12-31 00:00:00.000000", "2026-12-28 23:00:00.000000",
		"2026-01-02 03:04:05.000001", "2026-02-30 00:00:00.000000", "2026-13-01 00:00:00.000000", "2026-01-01 24:00:00.000000",
		"2026-01-01T00:00:00.000000", "2026-01-01 0:00:00.0000000", "2026-00-01 00:00:00.000000", "2026-01-0x 00:00:00.000000", ""} {
		var got time.Time
		err := Time{&got}.parse(s)
		want, wantErr := time.ParseInLocation(timeFormat, s, time.UTC)
		if (err == nil) != (wantErr == nil) || err == nil && !got.Equal(want) {
			t.Errorf("%q: got %v, %v, want %v, %v", s, got, err, want, wantErr)
		}
	}
}
