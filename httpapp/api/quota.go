package api

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Quotas holds projects to their limits: *quota.Engine.
type Quotas interface {
	// Creating returns the context in which the objects of one request on a resource are made.
	Creating(ctx context.Context, resource string, in []neutron.Attrs) context.Context
	// Changing returns the context of any other request that may change how many objects there are.
	Changing(ctx context.Context) context.Context
}

// enforceQuota puts the limits into the context of what changes something. Others pay nothing.
func (c *call) enforceQuota() error {
	quotas := c.front.engine.options.Quotas
	if quotas == nil {
		return nil
	}
	switch c.action {
	case create:
		c.limited = quotas.Creating(c.context(), c.resource.Name, c.body.items)
	case update, remove, perform, follow:
		if c.request.Method != http.MethodGet {
			c.limited = quotas.Changing(c.context())
		}
	}
	return nil
}

// QuotaLimits returns what converts and checks the limits in a request: integers, -1 for none, under those names.
func QuotaLimits(resources []string) func(neutron.Attrs) (neutron.Attrs, error) {
	var attributes []Attribute
	for _, name := range resources {
		attributes = append(attributes, Attribute{Name: name, Put: true, Convert: toWhole, Validate: isLimit, Visible: true})
	}
	table := newTable(attributes)
	return func(in neutron.Attrs) (neutron.Attrs, error) {
		if err := table.known(in); err != nil {
			return nil, err
		}
		return in, table.convert(in)
	}
}

// toWhole is toInt for numbers of any size.
func toWhole(v any) (any, error) {
	if n, ok := v.(json.Number); ok {
		return n, nil
	}
	return toInt(v)
}

// isLimit accepts what a column of integers holds, from -1 on.
func isLimit(v any) error {
	n, ok := v.(int64)
	text := PyStr(v)
	switch {
	case ok && n < -1, !ok && strings.HasPrefix(text, "-"):
		return reasonf("'%s' is too small - must be at least '-1'", text)
	case !ok, n > math.MaxInt32:
		return reasonf("'%s' is too large - must be no larger than '%d'", text, math.MaxInt32)
	}
	return nil
}
