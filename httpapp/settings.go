package httpapp

import (
	"context"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/filters"
	"github.com/seed-a8f20362/hadron/httpapp/legacy"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/pecan"
)

// maxBody bounds a request's body in bytes where no sizelimit filter does. The original reads whatever comes; a bulk
// create of a thousand ports needs less than 1 MiB.
const maxBody = 16 << 20

// api is the application that serves /v2.0.
func (b *builder) api(n *paste.App) http.Handler {
	front, err := b.front(b.engine, b.frontOptions())
	if err != nil {
		b.fail(n.Pos, n.Section, "%v", err)
		return http.NotFoundHandler()
	}
	if b.options.Wrap != nil {
		front = b.options.Wrap(front)
	}
	return identified(front, b.conf.Text(conf.AuthStrategy) == "noauth")
}

func (b *builder) frontOptions() api.FrontOptions {
	return api.FrontOptions{MaxBody: maxBody, Log: b.logFailure}
}

// extensions is the filter that answers the URLs of extensions in front of either front controller.
func (b *builder) extensions(next http.Handler) http.Handler {
	manners := pecan.Extensions()
	if b.framework == "legacy" {
		manners = legacy.Extensions()
	}
	return identified(api.NewExtensions(b.engine, manners, b.frontOptions(), next), b.conf.Text(conf.AuthStrategy) == "noauth")
}

// identified refuses requests on whose behalf nobody has spoken: 401. Under noauth they are an admin's, as in the
// pipelines of old files that have no fake_project_id filter.
func identified(next http.Handler, noauth bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rc := neutron.FromContext(r.Context())
		if !rc.Known {
			if !noauth {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			rc.Known, rc.Admin, rc.Service, rc.Roles = true, true, true, neutron.AdminRoles()
		}
		next.ServeHTTP(w, r)
	})
}

// logFailure writes what a client was refused and why: its own mistakes at INFO, ours at ERROR.
func (b *builder) logFailure(ctx context.Context, status int, err error) {
	log := b.log
	if rc := neutron.FromContext(ctx); rc != nil {
		log = withContext(log, rc)
	}
	e := log.Info()
	if status >= http.StatusInternalServerError {
		e = log.Error()
	}
	e.Int("status", status).Err(err).Msg("request failed")
}

// local returns a key of a filter's or application's own section, or of the file's [DEFAULT]: both go before the daemon's
// configuration.
func local(p *paste.Part, key string) (paste.Setting, bool) {
	if s, ok := p.Local[key]; ok {
		return s, true
	}
	s, ok := p.Global[key]
	return s, ok
}

func localText(p *paste.Part, key, otherwise string) string {
	if s, ok := local(p, key); ok {
		return s.Value
	}
	return otherwise
}

func localList(p *paste.Part, key string, otherwise []string) []string {
	s, ok := local(p, key)
	if !ok {
		return otherwise
	}
	var out []string
	for item := range strings.SplitSeq(s.Value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			out = append(out, item)
		}
	}
	return out
}

// cors takes the filter's own keys, and [cors] for what it leaves out; sections such as [cors.dashboard] follow. Unlike the
// original, it reads them from the files that the daemon was started with.
func (b *builder) cors(p *paste.Part) []filters.CORSOptions {
	all := []filters.CORSOptions{{
		AllowedOrigin:    localList(p, "allowed_origin", b.conf.List(conf.CORSAllowedOrigin)),
		AllowCredentials: b.localBool(p, "allow_credentials", b.conf.Bool(conf.CORSAllowCredentials)),
		ExposeHeaders:    localList(p, "expose_headers", b.conf.List(conf.CORSExposeHeaders)),
		MaxAge:           int64(b.localInt(p, "max_age", b.conf.Int(conf.CORSMaxAge))),
		AllowMethods:     localList(p, "allow_methods", b.conf.List(conf.CORSAllowMethods)),
		AllowHeaders:     localList(p, "allow_headers", b.conf.List(conf.CORSAllowHeaders)),
	}}
	variants, err := b.conf.Variants("cors")
	if err != nil {
		b.errs = append(b.errs, err)
	}
	for _, v := range variants {
		b.log.Warn().Str("section", v.Section).Str("at", v.Origin.String()).
			Msg("sections such as [cors.name] are deprecated; [cors] takes a list of origins")
		all = append(all, filters.CORSOptions{
			AllowedOrigin:    v.List(conf.CORSAllowedOrigin),
			AllowCredentials: v.Bool(conf.CORSAllowCredentials),
			ExposeHeaders:    v.List(conf.CORSExposeHeaders),
			MaxAge:           int64(v.Int(conf.CORSMaxAge)),
			AllowMethods:     v.List(conf.CORSAllowMethods),
			AllowHeaders:     v.List(conf.CORSAllowHeaders),
		})
	}
	return all
}

func (b *builder) healthcheck(p *paste.Part) filters.HealthcheckOptions {
	o := filters.HealthcheckOptions{
		Path:          localText(p, "path", b.conf.Text(conf.HealthcheckPath)),
		Detailed:      b.localBool(p, "detailed", b.conf.Bool(conf.HealthcheckDetailed)),
		IgnoreProxied: b.localBool(p, "ignore_proxied_requests", b.conf.Bool(conf.HealthcheckIgnoreProxiedRequests)),
		Port:          b.conf.Int(conf.BindPort),
		Ready:         b.options.Ready,
	}
	var err error
	o.Backends, err = filters.HealthcheckBackends(localList(p, "backends", b.conf.List(conf.HealthcheckBackends)), filters.HealthcheckFiles{
		Disable:      localText(p, "disable_by_file_path", b.conf.Text(conf.HealthcheckDisableByFilePath)),
		DisablePorts: localList(p, "disable_by_file_paths", b.conf.List(conf.HealthcheckDisableByFilePaths)),
		Enable:       localList(p, "enable_by_file_paths", b.conf.List(conf.HealthcheckEnableByFilePaths)),
	})
	if err != nil {
		b.fail(p.Pos, p.Section, "%v", err)
	}
	for _, text := range localList(p, "allowed_source_ranges", b.conf.List(conf.HealthcheckAllowedSourceRanges)) {
		prefix, err := parsePrefix(text)
		if err != nil {
			b.fail(p.Pos, p.Section, "allowed_source_ranges: %v", err)
			continue
		}
		o.AllowedSources = append(o.AllowedSources, prefix)
	}
	return o
}

// prefix takes the keys of egg:PasteDeploy#prefix; like the original it refuses others, which may be misspelt.
func (b *builder) prefix(p *paste.Part) filters.PrefixOptions {
	o := filters.PrefixOptions{
		Prefix:             "/",
		TranslateForwarded: true,
	}
	for _, key := range slices.Sorted(maps.Keys(p.Local)) {
		s := p.Local[key]
		switch key {
		case "prefix":
			o.Prefix = s.Value
		case "translate_forwarded_server":
			o.TranslateForwarded = b.localBool(p, key, true)
		case "force_port":
			o.ForcePort = &s.Value
			if _, err := strconv.ParseUint(s.Value, 10, 16); s.Value != "" && err != nil {
				b.fail(s.Pos, p.Section, "force_port: %q is not a port", s.Value)
			}
		case "scheme":
			o.Scheme = s.Value
			if !strings.EqualFold(s.Value, "http") && !strings.EqualFold(s.Value, "https") {
				b.fail(s.Pos, p.Section, "scheme: %q is neither http nor https", s.Value)
			}
		default:
			b.fail(s.Pos, p.Section, "%s: the prefix filter has no such key (known: prefix, translate_forwarded_server, force_port, scheme)", key)
		}
	}
	return o
}

// defaultStatsPort is statsd's.
const defaultStatsPort = "8125"

func (b *builder) stats(n *paste.Filter) filters.Filter {
	o := filters.StatsOptions{
		Name:            localText(&n.Part, "name", ""),
		Host:            localText(&n.Part, "stats_host", ""),
		Port:            localText(&n.Part, "stats_port", defaultStatsPort),
		RemoveUUID:      b.localBool(&n.Part, "remove_uuid", false),
		RemoveShortUUID: b.localBool(&n.Part, "remove_short_uuid", false),
	}
	if o.Name == "" || o.Host == "" {
		b.fail(n.Pos, n.Section, "the stats filter needs the keys name and stats_host")
		return nil
	}
	f, err := filters.Stats(o)
	if err != nil {
		b.fail(n.Pos, n.Section, "%v", err)
	}
	return f
}

func (b *builder) basicAuth(n *paste.Filter) filters.Filter {
	f, err := filters.BasicAuth(localText(&n.Part, "http_basic_auth_user_file", b.conf.Text(conf.HTTPBasicAuthUserFile)))
	if err != nil {
		b.fail(n.Pos, n.Section, "%v", err)
	}
	return f
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}

func (b *builder) localBool(p *paste.Part, key string, otherwise bool) bool {
	s, ok := local(p, key)
	if !ok {
		return otherwise
	}
	v, err := s.Bool()
	if err != nil {
		b.fail(s.Pos, p.Section, "%s: %v", key, err)
	}
	return v
}

func (b *builder) localInt(p *paste.Part, key string, otherwise int) int {
	s, ok := local(p, key)
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(s.Value)
	if err != nil {
		b.fail(s.Pos, p.Section, "%s: %q is not an integer", key, s.Value)
	}
	return n
}
