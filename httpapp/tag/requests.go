package tag

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Neutron's limits.
const (
	maxLength = 255
	maxTags   = 50
)

// Index answers with the tags of an object.
func (s *Service) Index(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	tags, err := s.tags(ctx, rc, c.Args[0])
	if err == nil {
		write(c.Out, tags)
	}
	return err
}

// Show answers whether an object has a tag.
func (s *Service) Show(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	id, tag := c.Args[0], c.Args[1]
	if err := checkTag(tag); err != nil {
		return err
	}
	tags, err := s.tags(ctx, rc, id)
	if err == nil && !slices.Contains(tags, tag) {
		err = notFound(tag)
	}
	return err
}

// Create adds tags to those that an object has. The limit counts those of the request only, as in Neutron.
func (s *Service) Create(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	return s.several(ctx, rc, c, func(has, wanted []string) (drop, add []string) { return nil, without(wanted, has) })
}

// Replace gives an object the request's tags in place of those it has.
func (s *Service) Replace(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	return s.several(ctx, rc, c, func(has, wanted []string) (drop, add []string) {
		return without(has, wanted), without(wanted, has)
	})
}

func (s *Service) several(ctx context.Context, rc *neutron.Context, c *wire.Call, diff func(has, wanted []string) (drop, add []string)) error {
	wanted, err := s.wanted(c.Body)
	if err != nil {
		return err
	}
	err = s.change(ctx, rc, c.Args[0], func(has []string) (drop, add []string, err error) {
		if len(wanted) > maxTags {
			return nil, nil, s.tooMany()
		}
		drop, add = diff(has, wanted)
		return drop, add, nil
	})
	if err == nil {
		write(c.Out, wanted)
	}
	return err
}

// Add gives an object one more tag. The answer is null.
func (s *Service) Add(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	tag := c.Args[1]
	if err := checkTag(tag); err != nil {
		return err
	}
	err := s.change(ctx, rc, c.Args[0], func(has []string) (drop, add []string, err error) {
		switch {
		case slices.Contains(has, tag):
			return nil, nil, nil
		case len(has) >= maxTags:
			return nil, nil, s.tooMany()
		}
		return nil, []string{tag}, nil
	})
	if err == nil {
		c.Out.Null()
	}
	return err
}

// Delete takes one tag away.
func (s *Service) Delete(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	tag := c.Args[1]
	if err := checkTag(tag); err != nil {
		return err
	}
	return s.change(ctx, rc, c.Args[0], func(has []string) (drop, add []string, err error) {
		if !slices.Contains(has, tag) {
			return nil, nil, notFound(tag)
		}
		return []string{tag}, nil, nil
	})
}

// Clear takes all tags away.
func (s *Service) Clear(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	return s.change(ctx, rc, c.Args[0], func(has []string) (drop, add []string, err error) { return has, nil, nil })
}

// wanted reads the body of a request for several tags.
func (s *Service) wanted(body any) ([]string, error) {
	object, _ := body.(map[string]any)
	v, ok := object["tags"]
	if !ok {
		return nil, neutron.InvalidInput("Invalid tags body")
	}
	if err := s.o.List(v, maxLength); err != nil {
		return nil, neutron.InvalidInput("%s", err)
	}
	list, ok := v.([]any)
	if !ok { // the check has let something else pass
		return nil, neutron.InvalidInput("Invalid tags body")
	}
	tags := make([]string, len(list))
	for i, v := range list {
		tags[i], _ = v.(string)
	}
	return tags, nil
}

func checkTag(tag string) error {
	if utf8.RuneCountInString(tag) > maxLength {
		return neutron.InvalidInput("'%s' exceeds maximum length of %d", tag, maxLength)
	}
	return nil
}

func (s *Service) tooMany() error {
	return neutron.NewError(neutron.BadRequest, "BadRequest",
		"Bad %s request: The number of tags exceed the per-resource limit of %d.", s.o.Collection, maxTags)
}

func notFound(tag string) error {
	return neutron.NewError(neutron.NotFound, "TagNotFound", "Tag %s could not be found.", tag)
}

// without returns those of a that are not in b.
func without(a, b []string) []string {
	var out []string
	for _, v := range a {
		if !slices.Contains(b, v) {
			out = append(out, v)
		}
	}
	return out
}

func write(w *wire.Buffer, tags []string) {
	w.Open('{')
	w.Key(0, "tags")
	w.Strings(tags)
	w.Close('}')
}
