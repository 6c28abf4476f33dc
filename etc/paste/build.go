package paste

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
)

// application looks a target up and builds the node that it stands for.
func (r *resolver) application(l *loader, t target) (Node, error) {
	o, err := l.object(t)
	if err != nil {
		return nil, err
	}
	return r.node(o)
}

// node builds an application object.
func (r *resolver) node(o *object) (Node, error) {
	if o.next != nil {
		return r.pipeline(o)
	}
	part, err := r.part(o)
	if err != nil {
		return nil, err
	}
	switch part.Factory.Kind {
	case urlMap:
		return r.urlMap(o, part)
	case authPipeline:
		return r.authPipeline(o)
	}
	return &App{Part: part}, nil
}

// part looks the factory of a leaf up.
func (r *resolver) part(o *object) (Part, error) {
	factory, err := r.catalogue.find(o.path, o.protocol, o.role)
	if err != nil {
		return Part{}, problemf(o.factoryPos, o.factoryIn, "%v", err)
	}
	return Part{
		Section: o.section, Pos: o.pos,
		Factory: factory, FactoryPos: o.factoryPos,
		Global: o.global, Local: o.local,
	}, nil
}

func (r *resolver) pipeline(o *object) (Node, error) {
	filters, filterErr := r.filtersOf(o)
	app, appErr := r.node(o.next)
	if err := errors.Join(filterErr, appErr); err != nil {
		return nil, err
	}
	return &Pipeline{Section: o.section, Pos: o.pos, Filters: filters, App: app}, nil
}

// filtersOf builds the filters of a chain, outermost first.
func (r *resolver) filtersOf(o *object) ([]*Filter, error) {
	var all []*Filter
	var errs []error
	for _, f := range o.filters {
		filters, err := r.filter(f)
		all = append(all, filters...)
		errs = append(errs, err)
	}
	return all, errors.Join(errs...)
}

// filter builds a filter object: several filters when it has a filter-with.
func (r *resolver) filter(o *object) ([]*Filter, error) {
	if o.next == nil {
		part, err := r.part(o)
		return []*Filter{{Part: part}}, err
	}
	outer, outerErr := r.filtersOf(o)
	inner, innerErr := r.filter(o.next)
	return append(outer, inner...), errors.Join(outerErr, innerErr)
}

// authPipeline builds the pipeline that auth_strategy picks. As in neutron, no
// global values go down to its members: they start from [DEFAULT] alone.
func (r *resolver) authPipeline(o *object) (Node, error) {
	strategy := r.options.AuthStrategy
	members, ok := o.local[strategy]
	if !ok {
		return nil, problemf(o.pos, o.section, "auth_strategy %q is not one of the accepted values: %s",
			strategy, strings.Join(slices.Sorted(maps.Keys(o.local)), ", "))
	}
	if err := r.enter(o.id, target{name: o.id.section, section: o.section, pos: members.Pos}); err != nil {
		return nil, err
	}
	defer r.leave()
	chain, err := o.loader.chain(o.section, members, nil)
	if err != nil {
		return nil, err
	}
	node, err := r.pipeline(chain)
	if err != nil {
		return nil, err
	}
	p := node.(*Pipeline)
	p.Key = strategy
	return p, nil
}

// urlMap builds every mount of a composite.
func (r *resolver) urlMap(o *object, part Part) (Node, error) {
	if err := r.enter(o.id, target{name: o.id.section, section: o.section, pos: o.pos}); err != nil {
		return nil, err
	}
	defer r.leave()
	m := &URLMap{Part: part}
	var errs []error
	keys := slices.SortedFunc(maps.Keys(o.local), func(a, b string) int {
		return cmp.Or(cmp.Compare(o.local[a].Pos.Line, o.local[b].Pos.Line), cmp.Compare(a, b))
	})
	for _, key := range keys {
		errs = append(errs, r.mount(m, o, key))
	}
	if _, ok := o.local[notFoundKey]; !ok {
		if s := o.global[notFoundKey]; s.Value != "" {
			errs = append(errs, r.notFound(m, o, s))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortStableFunc(m.Mounts, tryOrder)
	return m, nil
}

const notFoundKey = "not_found_app"

func (r *resolver) mount(m *URLMap, o *object, key string) error {
	app := o.local[key]
	if key == notFoundKey {
		return r.notFound(m, o, app)
	}
	mount, err := parseMount(key)
	if err != nil {
		_, appErr := r.application(o.loader, mountTarget(o, app))
		return errors.Join(problemf(app.Pos, o.section, "%v", err), appErr)
	}
	mount.Pos = app.Pos
	for _, other := range m.Mounts {
		if other.String() == mount.String() {
			return problemf(app.Pos, o.section, "mount %q is already set at %s", mount, other.Pos)
		}
	}
	mount.Node, err = r.application(o.loader, mountTarget(o, app))
	m.Mounts = append(m.Mounts, mount)
	return err
}

func (r *resolver) notFound(m *URLMap, o *object, app Setting) (err error) {
	m.NotFound, err = r.application(o.loader, mountTarget(o, app))
	return err
}

func mountTarget(o *object, app Setting) target {
	return target{role: wantApp, name: app.Value, global: o.global, section: o.section, pos: app.Pos}
}

// checkUnreached warns of factories that hadron lacks in sections that the
// application does not use: they matter once somebody puts them to use.
func (r *resolver) checkUnreached() {
	for _, l := range r.loaders {
		for _, sec := range l.file.sections {
			if !r.visited[l.id(sec)] {
				r.checkSection(sec)
			}
		}
	}
}

func (r *resolver) checkSection(sec *section) {
	want, ok := roleOf(sec.prefix())
	if !ok {
		return
	}
	for _, o := range sec.options {
		path, ok := factoryOf(o)
		if ok && len(r.catalogue.byPath[canonicalPath(path)]) == 0 {
			_, err := r.catalogue.find(path, "", want)
			r.warn(problemf(o.pos, sec.name, "%v", err))
		}
	}
}

// roleOf answers whose factories a section of this prefix names; those of
// servers are nothing to hadron.
func roleOf(prefix string) (role, bool) {
	switch prefix {
	case "filter", "filter-app":
		return wantFilter, true
	case "app", "application", "composite", "composit":
		return wantApp, true
	}
	return "", false
}

// factoryOf answers the factory path that an option names as written. A path
// with references in it is left to the day on which it is used.
func factoryOf(o *option) (path string, ok bool) {
	if strings.Contains(o.raw, "%") {
		return "", false
	}
	switch o.name {
	case string(FilterFactory), string(FilterAppFactory), string(AppFactory), string(CompositeFactory), oldCompositeFactory:
		return o.raw, true
	case "use":
		scheme, spec, _ := cutScheme(o.raw)
		return uriPath(scheme, spec)
	}
	return "", false
}
