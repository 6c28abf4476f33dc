package httpapp

import (
	"context"
	"net/http"
	"net/netip"
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
			rc.Known, rc.Admin = true, true
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

// local returns a key of a filter's or application's own section.
func local(p *paste.Part, key string) (paste.Setting, bool) {
	s, ok := p.Local[key]
	return s, ok
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

// cors takes the filter's own keys, and [cors] for what it leaves out. Unlike the original, it reads [cors] from the
// files that the daemon was started with.
func (b *builder) cors(p *paste.Part) filters.CORSOptions {
	return filters.CORSOptions{
		AllowedOrigin:    localList(p, "allowed_origin", b.conf.List(conf.CORSAllowedOrigin)),
		AllowCredentials: b.localBool(p, "allow_credentials", b.conf.Bool(conf.CORSAllowCredentials)),
		ExposeHeaders:    localList(p, "expose_headers", b.conf.List(conf.CORSExposeHeaders)),
		MaxAge:           int64(b.localInt(p, "max_age", b.conf.Int(conf.CORSMaxAge))),
		AllowMethods:     localList(p, "allow_methods", b.conf.List(conf.CORSAllowMethods)),
		AllowHeaders:     localList(p, "allow_headers", b.conf.List(conf.CORSAllowHeaders)),
	}
}

func (b *builder) healthcheck(p *paste.Part) filters.HealthcheckOptions {
	o := filters.HealthcheckOptions{
		Path:          "/healthcheck",
		Detailed:      b.localBool(p, "detailed", b.conf.Bool(conf.HealthcheckDetailed)),
		IgnoreProxied: b.localBool(p, "ignore_proxied_requests", b.conf.Bool(conf.HealthcheckIgnoreProxiedRequests)),
		Ready:         b.options.Ready,
	}
	if s, ok := local(p, "path"); ok {
		o.Path = s.Value
	}
	byFile, err := filters.ParseHealthcheckBackends(localList(p, "backends", b.conf.List(conf.HealthcheckBackends)))
	if err != nil {
		b.fail(p.Pos, p.Section, "%v", err)
	}
	if byFile {
		o.DisableByFile = b.conf.Text(conf.HealthcheckDisableByFilePath)
		if s, ok := local(p, "disable_by_file_path"); ok {
			o.DisableByFile = s.Value
		}
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
