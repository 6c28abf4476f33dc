// Package store owns the database: a pool of fixed size, transactions that are retried whole, the schema, and the SQL
// that every domain needs (standard attributes, filtered and paged lists). Domains keep their statements beside the
// functions that run them.
//
// It promises that a function given to Write runs in one transaction, that nothing of it stays when it returns an
// error or panics, and that it may run up to Tries times: it must do nothing outside the database that it cannot repeat.
// A function given to Read sees one snapshot. When the database cannot be reached both return a *neutron.Error of Kind
// Unavailable.
//
// SQLite specifics. The file is in WAL mode with synchronous=NORMAL: readers never wait for the writer, a crash of the
// process loses nothing, a power cut may lose the last commits but never tears one. There is one writing connection, and
// write transactions begin IMMEDIATE, because SQLite's busy timeout does not apply when a read transaction turns into a
// write. Statements run detached from the request's context: modernc.org/sqlite starts a goroutine per statement for a
// context that can be cancelled; instead the context is looked at between statements. One goroutine per database copies
// the write-ahead log into the file while there are writes; Close ends it. The rows of lists and of single objects are
// read beneath database/sql, on the handle of the driver's connection; BEGIN and COMMIT take that way, too.
package store
