package logging

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Options are what a Service needs.
type Options struct {
	// DB is required.
	DB *store.DB
	// Hooks have a say in changes of logs inside their transactions; nil for none.
	Hooks *callbacks.Hooks[neutron.Log]
	// Now and NewID default to time.Now and random UUIDs.
	Now   func() time.Time
	NewID func() string
}

// Service answers requests for logs. It is safe for concurrent use.
type Service struct {
	store.Resource[neutron.Log]
	o Options
}

// New returns a Service on the given database.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	return &Service{Resource: resource(o.DB), o: o}
}

// NotFound returns the 404 of a log.
func NotFound(id string) *neutron.Error {
	return neutron.NewError(neutron.NotFound, "LogResourceNotFound", "Log resource %s could not be found.", id)
}

// stamp is the time of a change as the API shows it.
func (s *Service) stamp() time.Time { return s.o.Now().UTC().Truncate(time.Second) }

func (s *Service) publish(tx *store.Tx, e callbacks.Event[neutron.Log]) error {
	e.Tx = tx
	return s.o.Hooks.Precommit(tx.Context(), &e)
}

// Create makes all logs of one request, or none.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, in []neutron.Attrs) ([]neutron.Log, error) {
	return s.CreateEach(ctx, in, func(tx *store.Tx, a neutron.Attrs) (neutron.Log, error) { return s.create(tx, rc, a) })
}

const insertLog = `INSERT INTO logs (id, project_id, name, resource_type, resource_id, target_id, event, enabled, standard_attr_id)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (s *Service) create(tx *store.Tx, rc *neutron.Context, a neutron.Attrs) (neutron.Log, error) {
	now := s.stamp()
	l := neutron.Log{ID: s.o.NewID(), ProjectID: a.String("project_id"), Name: a.String("name"), ResourceType: a.String("resource_type"),
		ResourceID: a.String("resource_id"), TargetID: a.String("target_id"), Event: a.String("event"), Enabled: a.Bool("enabled")}
	l.Description, l.CreatedAt, l.UpdatedAt = a.String("description"), now, now
	if err := check(tx, rc, &l); err != nil {
		return l, err
	}
	var err error
	if l.Standard.ID, err = tx.NewStandard("logs", l.Description, 0, now); err != nil {
		return l, err
	}
	_, err = tx.Exec(insertLog, l.ID, l.ProjectID, l.Name, l.ResourceType, store.Nullable(l.ResourceID), store.Nullable(l.TargetID),
		l.Event, l.Enabled, l.Standard.ID)
	if err != nil {
		return l, err
	}
	return l, s.publish(tx, callbacks.Event[neutron.Log]{Operation: callbacks.Create, Context: rc, ID: l.ID, Request: a, New: &l})
}

// Update changes the name or the description, or turns the log on or off.
func (s *Service) Update(ctx context.Context, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Log, error) {
	return s.Change(ctx, func(tx *store.Tx) (neutron.Log, error) { return s.update(tx, rc, id, in) })
}

const updateLog = `UPDATE logs SET name = ?, enabled = ? WHERE id = ?`

func (s *Service) update(tx *store.Tx, rc *neutron.Context, id string, in neutron.Attrs) (neutron.Log, error) {
	was, err := s.Load(tx, rc, id, neutron.Fields{})
	if err != nil {
		return was, err
	}
	l := was
	if in.Has("name") {
		l.Name = in.String("name")
	}
	if in.Has("description") {
		l.Description = in.String("description")
	}
	if in.Has("enabled") {
		l.Enabled = in.Bool("enabled")
	}
	if l.Name != was.Name || l.Description != was.Description || l.Enabled != was.Enabled {
		if _, err := tx.Exec(updateLog, l.Name, l.Enabled, id); err != nil {
			return l, err
		}
		if err := tx.Describe(l.Standard.ID, l.Description); err != nil {
			return l, err
		}
		l.Revision++
		l.UpdatedAt = s.stamp()
		if err := tx.Revise(l.Standard.ID, l.UpdatedAt); err != nil {
			return l, err
		}
	}
	return l, s.publish(tx, callbacks.Event[neutron.Log]{Operation: callbacks.Update, Context: rc, ID: id, Request: in, Old: &was, New: &l})
}

// Delete removes a log.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, id string) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		l, err := s.Load(tx, rc, id, neutron.Fields{})
		if err != nil {
			return err
		}
		return s.remove(tx, rc, &l)
	})
}

func (s *Service) remove(tx *store.Tx, rc *neutron.Context, l *neutron.Log) error {
	if err := tx.DeleteStandard(l.Standard.ID); err != nil {
		return err
	}
	return s.publish(tx, callbacks.Event[neutron.Log]{Operation: callbacks.Delete, Context: rc, ID: l.ID, Old: l})
}

// GroupDeleted ends the enabled logs of a security group.
func (s *Service) GroupDeleted(tx *store.Tx, rc *neutron.Context, id string) error {
	return s.end(tx, rc, "resource_id", id)
}

// PortDeleted ends the enabled logs of a port.
func (s *Service) PortDeleted(tx *store.Tx, rc *neutron.Context, id string) error {
	return s.end(tx, rc, "target_id", id)
}

// end removes the enabled logs one of whose attributes is id, whosever they are.
func (s *Service) end(tx *store.Tx, rc *neutron.Context, attribute, id string) error {
	logs, err := s.Find(tx, &neutron.Context{Admin: true}, &neutron.Query{Filters: []neutron.Filter{
		{Name: attribute, Values: []string{id}}, {Name: "enabled", Values: []string{"True"}}}})
	if err != nil {
		return err
	}
	for i := range logs {
		if err := s.remove(tx, rc, &logs[i]); err != nil {
			return err
		}
	}
	return nil
}
