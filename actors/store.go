package actors

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Store is the actor that keeps the database: it starts only when the database is open and its schema is right, runs
// Prepare once per opening, and closes the database when it stops. What depends on the database stands behind it in a
// rest_for_one tree.
type Store struct {
	Options store.Options
	// Prepare brings derived tables in line with the configuration before anything uses the database.
	Prepare func(context.Context, *store.DB) error
	// Gone and Back, when set, are called before the database is closed and after it was opened again: whoever has kept
	// the DB has to let go of it.
	Gone, Back func()
	Log        zerolog.Logger

	db atomic.Pointer[store.DB]
}

// Child returns the actor of one incarnation.
func (s *Store) Child(otp.Incarnation) otp.Child { return (*storing)(s) }

// DB is the open database, nil while there is none.
func (s *Store) DB() *store.DB { return s.db.Load() }

type storing Store

// Init opens the database. It blocks on I/O, which is this actor's whole purpose: nobody needs its mailbox meanwhile.
func (s *storing) Init(ctx otp.Context) error {
	db, err := store.Open(ctx, s.Options)
	if err != nil {
		return err
	}
	if s.Prepare != nil {
		if err := s.Prepare(ctx, db); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	s.db.Store(db)
	if s.Back != nil && ctx.Incarnation().N > 1 {
		s.Back()
	}
	return nil
}

// Receive has nothing to do.
func (s *storing) Receive(actor.Context) {}

// Terminate closes the database once its running transactions have ended.
func (s *storing) Terminate(error) {
	if db := s.db.Swap(nil); db != nil {
		if s.Gone != nil {
			s.Gone()
		}
		if err := db.Close(); err != nil {
			s.Log.Error().Err(err).Msg("closing the database failed")
		}
	}
}
